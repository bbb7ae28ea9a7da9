import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". */
export const load: PageLoad = async ({ fetch, parent, depends }) => {
  depends(topics.reasons());
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const reasons = await createClient(fetch).reasons.list.query({ locale: getLocale() });
  return { title: m.reasons_title(), reasons };
};
