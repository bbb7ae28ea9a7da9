import { acceptInvitation, describeInvitation } from '@turnover/core/projects/invitations';
import { HubError } from '@turnover/domain/errors';
import { invitedAccountInput } from '@turnover/domain/people/invitations';
import * as m from '@turnover/messages/messages';
import { z } from 'zod';
import { answerForm } from '#lib/server/form.ts';
import { callerContextOf, hubOf } from '#lib/server/hub.ts';
import { invitationPath, isProviderOnly, providerOf } from '#lib/server/oidc.ts';
import { beginSessionOf } from '#lib/server/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const invitation = describeInvitation(hubOf(event).ctx, event.params.secret);
  const title = m.invitation_title({ project: invitation.project.name });
  const { person } = event.locals;
  return {
    title,
    invitation,
    person: person && { name: person.name, email: person.email },
    provider: providerOf(event),
    providerPath: invitationPath(event, event.params.secret),
    withPassword: !isProviderOnly(event),
  };
};

export const actions: Actions = {
  create: (event) =>
    answerForm(event, invitedAccountInput.omit({ locale: true }), async (account) => {
      const { locale } = event.locals.appearance;
      const ctx = callerContextOf(event);
      const { projectId, person } = await acceptInvitation(ctx, event.params.secret, { ...account, locale });
      return beginSessionOf(event, person, `/p/${projectId}`);
    }),
  join: (event) =>
    answerForm(event, z.object({}), async () => {
      const { person } = event.locals;
      if (!person) throw new HubError('unauthenticated', 'Sign in to join.');
      const { projectId } = await acceptInvitation(callerContextOf(event), event.params.secret, person);
      return `/p/${projectId}`;
    }),
};
