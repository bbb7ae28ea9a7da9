import { error } from '@sveltejs/kit';
import { logLevels, logProcesses } from '@turnover/domain/server/log-words';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';
import { beginOf, spans } from './spans.ts';

/** For owners of the hub; others get "not found". Lines come at any time, so the page polls. The filters are in the address. */
export const load: PageLoad = async ({ fetch, parent, depends, url }) => {
  depends('turnover:log');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const asked = (name: string) => url.searchParams.get(name) ?? '';
  // What somebody typed wrong into the address is left out.
  const filter = {
    process: logProcesses.find((each) => each === asked('process')),
    level: logLevels.find((each) => each === asked('level')),
    text: asked('text').trim().slice(0, 200) || undefined,
  };
  const since = spans.find((each) => each === asked('since'));
  const before = /^[a-z0-9.~-]{1,200}$/.test(asked('before')) ? asked('before') : undefined;
  const list = await createClient(fetch).server.log.query({ ...filter, from: beginOf(since), before });
  return { title: m.log_title(), list, filter: { ...filter, since }, isLater: before !== undefined };
};
