// Pages for signed-out people show the hub's address, before anybody types a password at a wrong one.
import type { HubAddress } from '#lib/features/addresses/hub-address.ts';
import { readOrigin } from '#lib/features/addresses/hub-address.ts';
import { hubOf } from '#lib/server/hub.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event): { hubAddress: HubAddress } => {
  const { url, request, platform } = event;
  const isSet = hubOf(event).publicUrl !== undefined;
  const hubAddress = { address: url.origin, isSet, opened: null };
  // A form that was sent from another address returns here with that address.
  const sentFrom = readOrigin(url.searchParams.get('opened'));
  if (sentFrom) return { hubAddress: { ...hubAddress, opened: sentFrom } };
  const direct = platform?.req.origin?.direct ?? null;
  // Browsers send fetch metadata only over https or to this machine; in these cases a proxy may have rewritten the
  // host.
  const isCertain = isSet && direct !== null && !request.headers.has('sec-fetch-site');
  return { hubAddress: { ...hubAddress, opened: isCertain ? direct : null } };
};
