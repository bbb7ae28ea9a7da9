import { redirect } from '@sveltejs/kit';
import { secondStepInput } from '@turnover/domain/people/second-factors';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { finishSignInHere, halfSignInOf } from '#lib/server/session.ts';
import { nextPath, withNext } from '#lib/sign-in-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { searchParams } = event.url;
  const next = nextPath(searchParams.get('next'));
  const half = halfSignInOf(event);
  if (!half) redirect(303, withNext('/sign-in', next));
  const withRecovery = searchParams.has('recovery') || !half.hasAuthenticator;
  return { title: m.second_step_title(), next, withRecovery, ...half };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, secondStepInput, ({ code }) =>
      finishSignInHere(event, code, nextPath(event.url.searchParams.get('next'))),
    ),
};
