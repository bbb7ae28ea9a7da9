import { checkSetupLink, openSetupLink } from '@turnover/core/people/links';
import { newAccountInput } from '@turnover/domain/people/invitations';
import * as m from '@turnover/messages/messages';
import { answerForm } from '#lib/server/form.ts';
import { callerContextOf, hubOf } from '#lib/server/hub.ts';
import { beginSessionOf } from '#lib/server/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  checkSetupLink(hubOf(event).ctx, event.params.secret);
  return { title: m.setup_title() };
};

export const actions: Actions = {
  default: (event) =>
    answerForm(event, newAccountInput.omit({ locale: true }), async (account) => {
      const { locale } = event.locals.appearance;
      const ctx = callerContextOf(event);
      const owner = await openSetupLink(ctx, event.params.secret, { ...account, locale });
      return beginSessionOf(event, owner, '/projects');
    }),
};
