import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". A backup takes a while, so the page polls. */
export const load: PageLoad = async ({ fetch, parent, depends }) => {
  depends('turnover:backups');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  return { title: m.backups_title(), view: await createClient(fetch).backups.list.query() };
};
