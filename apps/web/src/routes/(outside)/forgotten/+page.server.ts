import { mailResetLink } from '@turnover/core/links';
import { forgottenPasswordInput } from '@turnover/domain/invitations';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { guesserAddressOf, hubOf } from '#lib/server/hub.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ url }) => {
  // Anybody can write such an address: nothing but an e-mail address is shown of it.
  const sentTo = forgottenPasswordInput.safeParse({ email: url.searchParams.get('to') }).data?.email ?? null;
  return { title: sentTo ? m.forgotten_done_title() : m.forgotten_title(), sentTo };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, forgottenPasswordInput, async ({ email }) => {
      mailResetLink(hubOf(event).ctx, email, guesserAddressOf(event));
      return `/forgotten?to=${encodeURIComponent(email)}`;
    }),
};
