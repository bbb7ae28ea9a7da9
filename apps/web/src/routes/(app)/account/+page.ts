import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { oidcProblemWords } from '#lib/oidc-words.ts';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, depends, parent, url }) => {
  depends(topics.account());
  const client = createClient(fetch);
  const { account } = await parent();
  const [tokens, signIns, factor, passkeys, identities, mailSettings, server] = await Promise.all([
    client.tokens.list.query(),
    client.signIns.list.query(),
    client.secondFactor.get.query(),
    client.passkeys.list.query(),
    client.identities.list.query(),
    client.notifications.getSettings.query(),
    account.isOwner ? client.server.get.query() : null,
  ]);
  return {
    title: m.account_title(),
    tokens,
    signIns,
    factor,
    passkeys,
    identities,
    problem: oidcProblemWords(url.searchParams.get('problem'), identities.provider),
    mailSettings,
    server,
  };
};
