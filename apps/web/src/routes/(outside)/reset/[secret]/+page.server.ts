import { describeResetLink, resetPassword } from '@turnover/core/people/links';
import { passwordSchema } from '@turnover/domain/people/accounts';
import * as m from '@turnover/messages/messages';
import { z } from 'zod';
import { answerForm } from '#lib/server/form.ts';
import { callerContextOf, hubOf } from '#lib/server/hub.ts';
import { beginSessionOf } from '#lib/server/session.ts';
import type { Actions, PageServerLoad } from './$types';

const resetForm = z.object({ password: passwordSchema });

export const load: PageServerLoad = (event) => {
  const { email } = describeResetLink(hubOf(event).ctx, event.params.secret);
  return { title: m.reset_title(), email };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, resetForm, async ({ password }) => {
      const { person } = await resetPassword(callerContextOf(event), event.params.secret, password);
      return beginSessionOf(event, person, '/');
    }),
};
