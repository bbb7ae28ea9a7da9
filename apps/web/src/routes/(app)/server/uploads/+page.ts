import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

const pageSize = 100;

/** For owners of the hub; others get "not found". Uploads change all the time, so the page polls. */
export const load: PageLoad = async ({ fetch, parent, depends, url }) => {
  depends('turnover:unfinished');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const page = Math.max(1, Number.parseInt(url.searchParams.get('page') ?? '1', 10) || 1);
  const offset = (page - 1) * pageSize;
  const list = await createClient(fetch).server.uploads.query({ offset, limit: pageSize });
  return {
    title: m.unfinished_title(),
    list,
    page,
    hasMore: offset + list.uploads.length < list.total.uploads,
  };
};
