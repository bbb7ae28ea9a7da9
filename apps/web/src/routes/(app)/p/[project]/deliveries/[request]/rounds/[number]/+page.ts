import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { windowRows } from '#lib/ui/tables/windowed-list.svelte.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const requestId = params.request;
  if (!/^[1-9]\d{0,8}$/.test(params.number)) error(404, 'Not found.', { code: 'not_found' });
  const number = Number(params.number);
  depends(topics.request(requestId), topics.reasons());
  const trpc = createClient(fetch);
  const [round, request, rounds, contents, history, reasons] = await Promise.all([
    trpc.rounds.get.query({ requestId, number }),
    trpc.requests.get.query({ requestId }),
    trpc.rounds.list.query({ requestId }),
    trpc.requestFiles.contents.query({ requestId, round: number, limit: windowRows }),
    trpc.requests.history.query({ requestId, round: number }),
    trpc.reasons.list.query({ locale: getLocale() }),
  ]);
  const title = `${m.rounds_name({ number })} · ${request.name}`;
  return { title, round, request, rounds, contents, history, reasons };
};
