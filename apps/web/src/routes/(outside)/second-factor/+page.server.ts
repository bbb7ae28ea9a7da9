import { redirect, type RequestEvent } from '@sveltejs/kit';
import { accountOf } from '@turnover/core/people/accounts';
import { hasSecondFactor } from '@turnover/core/people/second-factor-state';
import { newAuthenticatorKey, secondFactorOf, setUpSecondFactor } from '@turnover/core/people/second-factor';
import type { PersonContext } from '@turnover/core/context';
import { setUpFactorInput } from '@turnover/domain/people/second-factors';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { setUpContextOf } from '#lib/server/hub.ts';
import { nextPath, signInPath } from '#lib/sign-in-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { person, ...ctx } = contextOf(event);
  const next = nextPath(event.url.searchParams.get('next'));
  const isDone = secondFactorOf({ ...ctx, person }).since !== null;
  // After the set-up, this page shows the recovery codes.
  if (isDone && event.request.method === 'GET') redirect(303, next);
  return {
    title: m.second_factor_title(),
    key: newAuthenticatorKey(),
    email: person.email,
    hasPassword: accountOf({ ...ctx, person }).hasPassword,
    hubName: event.url.hostname,
    next,
    /** With a passkey, another factor needs more than the password. */
    hasFactor: hasSecondFactor(ctx.db, person.id),
    isRequired: event.locals.held !== null,
  };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, setUpFactorInput, async (input) => ({
      codes: await setUpSecondFactor(contextOf(event), input),
    })),
};

function contextOf(event: RequestEvent): PersonContext {
  const ctx = setUpContextOf(event);
  if (!ctx) redirect(303, signInPath(event.url));
  return ctx;
}
