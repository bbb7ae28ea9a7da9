import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, parent }) => {
  const { account } = await parent();
  const server = account.isOwner ? await createClient(fetch).server.get.query() : null;
  return { title: m.projects_title(), server };
};
