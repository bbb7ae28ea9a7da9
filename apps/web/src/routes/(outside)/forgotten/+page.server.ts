import { mailResetLink } from '@turnover/core/people/links';
import { forgottenPasswordInput } from '@turnover/domain/people/invitations';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { callerContextOf, guesserAddressOf, hubOf } from '#lib/server/hub.ts';
import { isProviderOnly, providerOf } from '#lib/server/oidc.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const sendsMail = hubOf(event).ctx.mail.configured;
  // Anybody can craft such a URL, so the page shows nothing of it except a valid e-mail address.
  const { data } = forgottenPasswordInput.safeParse({ email: event.url.searchParams.get('to') });
  const sentTo = sendsMail ? (data?.email ?? null) : null;
  return {
    title: sentTo ? m.forgotten_done_title() : m.forgotten_title(),
    sentTo,
    sendsMail,
    onlyProvider: isProviderOnly(event) ? providerOf(event) : null,
  };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, forgottenPasswordInput, async ({ email }) => {
      mailResetLink(callerContextOf(event), email, guesserAddressOf(event));
      return `/forgotten?to=${encodeURIComponent(email)}`;
    }),
};
