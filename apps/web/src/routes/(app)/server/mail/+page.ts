import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". Mails leave at any time, so the page polls. */
export const load: PageLoad = async ({ fetch, parent, depends }) => {
  depends('turnover:outbox');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  return { title: m.outbox_title(), outbox: await createClient(fetch).server.mails.query() };
};
