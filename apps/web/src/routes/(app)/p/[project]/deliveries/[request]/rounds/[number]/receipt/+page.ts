import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  if (!/^[1-9]\d{0,8}$/.test(params.number)) error(404, 'Not found.', { code: 'not_found' });
  depends(topics.request(params.request));
  const number = Number(params.number);
  const receipt = await createClient(fetch).rounds.receipt.query({ requestId: params.request, number });
  return { title: `${m.receipt_title()} · ${receipt.facts.request.name}`, receipt };
};
