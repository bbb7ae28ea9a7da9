import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, depends, parent }) => {
  depends(topics.account());
  const client = createClient(fetch);
  const { account } = await parent();
  const [tokens, signIns, factor, passkeys, mailSettings, server] = await Promise.all([
    client.tokens.list.query(),
    client.signIns.list.query(),
    client.secondFactor.get.query(),
    client.passkeys.list.query(),
    client.notifications.getSettings.query(),
    account.isOwner ? client.server.get.query() : null,
  ]);
  return { title: m.account_title(), tokens, signIns, factor, passkeys, mailSettings, server };
};
