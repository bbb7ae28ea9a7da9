import { describeResetLink, resetPassword } from '@turnover/core/links';
import { passwordSchema } from '@turnover/domain/accounts';
import * as m from '@turnover/messages/messages';
import { z } from 'zod';
import { answerForm } from '#lib/server/form.ts';
import { hubOf } from '#lib/server/hub.ts';
import { beginSession } from '#lib/server/session.ts';
import type { Actions, PageServerLoad } from './$types';

const resetForm = z.object({ password: passwordSchema });

export const load: PageServerLoad = (event) => {
  const { email } = describeResetLink(hubOf(event).ctx, event.params.secret);
  return { title: m.reset_title(), email };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, resetForm, async ({ password }) => {
      const { ctx } = hubOf(event);
      const { email } = describeResetLink(ctx, event.params.secret);
      await resetPassword(ctx, event.params.secret, password);
      await beginSession(event, { email, password });
      return '/';
    }),
};
