import { redirect } from '@sveltejs/kit';
import { signInInput } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { hubOf } from '#lib/server/hub.ts';
import { isProviderOnly, providerOf } from '#lib/server/oidc.ts';
import { signInHere } from '#lib/server/session.ts';
import { nextPath, withNext } from '#lib/sign-in-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { locals, url } = event;
  const { searchParams } = url;
  // After a sign-out there, the OpenID provider gives the path back as `state`.
  const next = nextPath(searchParams.get('next') ?? searchParams.get('state'));
  if (locals.person) redirect(303, next);
  if (locals.held) redirect(303, withNext('/second-factor', next));
  return {
    title: m.sign_in_title(),
    next,
    sendsMail: hubOf(event).ctx.mail.configured,
    provider: providerOf(event),
    problem: searchParams.get('problem'),
    /** A command of the hub allows somebody the password for a while, and names this address. */
    withPassword: !isProviderOnly(event) || searchParams.has('password'),
  };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, signInInput, (input) =>
      signInHere(event, input, nextPath(event.url.searchParams.get('next'))),
    ),
};
