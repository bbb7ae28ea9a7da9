import { redirect } from '@sveltejs/kit';
import { signInInput } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { hubOf } from '#lib/server/hub.ts';
import { signInHere } from '#lib/server/session.ts';
import { nextPath, withNext } from '#lib/sign-in-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { locals, url } = event;
  const next = nextPath(url.searchParams.get('next'));
  if (locals.person) redirect(303, next);
  if (locals.held) redirect(303, withNext('/second-factor', next));
  return { title: m.sign_in_title(), next, sendsMail: hubOf(event).ctx.mail.configured };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, signInInput, (input) =>
      signInHere(event, input, nextPath(event.url.searchParams.get('next'))),
    ),
};
