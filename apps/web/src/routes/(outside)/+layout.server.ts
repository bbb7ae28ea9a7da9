// Pages for people who are not signed in say where the hub is, before anybody types a password in the wrong place.
import type { HubAddress } from '#lib/features/addresses/hub-address.ts';
import { readOrigin } from '#lib/features/addresses/hub-address.ts';
import { hubOf } from '#lib/server/hub.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event): { hubAddress: HubAddress } => {
  const { url, request, platform } = event;
  const isSet = hubOf(event).publicUrl !== undefined;
  const hubAddress = { address: url.origin, isSet, opened: null };
  // A form that was sent from another address was sent back here with it.
  const sentFrom = readOrigin(url.searchParams.get('opened'));
  if (sentFrom) return { hubAddress: { ...hubAddress, opened: sentFrom } };
  const direct = platform?.req.origin?.direct ?? null;
  // Only browsers that came by https, or to this machine, say how they came; a proxy may have rewritten the host.
  const isCertain = isSet && direct !== null && !request.headers.has('sec-fetch-site');
  return { hubAddress: { ...hubAddress, opened: isCertain ? direct : null } };
};
