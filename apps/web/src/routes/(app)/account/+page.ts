import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, depends }) => {
  depends(topics.account());
  const tokens = await createClient(fetch).tokens.list.query();
  return { title: m.account_title(), tokens };
};
