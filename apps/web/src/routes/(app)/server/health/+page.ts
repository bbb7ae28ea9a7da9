import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". Figures change all the time, so the page polls. */
export const load: PageLoad = async ({ fetch, parent, depends }) => {
  depends('turnover:health');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const client = createClient(fetch);
  const [health, server, { dead }] = await Promise.all([
    client.server.health.query(),
    client.server.get.query(),
    client.server.capabilities.query(),
  ]);
  return { title: m.health_title(), health, server, dead };
};
