import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". */
export const load: PageLoad = async ({ fetch, parent }) => {
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  return { title: m.settings_title(), settings: await createClient(fetch).server.settings.query() };
};
