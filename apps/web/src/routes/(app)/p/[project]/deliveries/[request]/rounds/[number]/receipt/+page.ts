import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  if (!/^[1-9]\d{0,8}$/.test(params.number)) error(404, 'Not found.', { code: 'not_found' });
  depends(topics.request(params.request), topics.reasons());
  const trpc = createClient(fetch);
  const [receipt, reasons] = await Promise.all([
    trpc.rounds.receipt.query({ requestId: params.request, number: Number(params.number) }),
    trpc.reasons.list.query({ locale: getLocale() }),
  ]);
  const reasonNames = new Map(reasons.map(({ code, name }) => [code, name]));
  return { title: `${m.receipt_title()} · ${receipt.facts.request.name}`, receipt, reasonNames };
};
