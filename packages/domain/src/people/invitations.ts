/** Invitations: a link that gives a person an account and, usually, a membership in a project. */
import { z } from 'zod';
import { emailSchema, passwordSchema, personNameSchema } from './accounts.ts';
import { idSchema } from '../ids.ts';
import { localeSchema } from '../locales.ts';
import { roleSchema } from './projects.ts';

export const invitationLifetimeMs = 14 * 24 * 3600_000;
export const setupLinkLifetimeMs = 7 * 24 * 3600_000;
export const resetLinkLifetimeMs = 24 * 3600_000;
export const emailCodeLifetimeMs = 15 * 60_000;

export const createInvitationInput = z.object({
  projectId: idSchema('project'),
  role: roleSchema,
  email: emailSchema,
  companyId: idSchema('company').nullable(),
});
export const invitationIdInput = z.object({
  projectId: idSchema('project'),
  invitationId: idSchema('invitation'),
});

export const invitationView = z.object({
  id: z.string(),
  email: z.string(),
  role: roleSchema,
  company: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  /** State of the mail with the link; null on a hub that sends no mail. */
  mail: z.enum(['waiting', 'sent', 'failed']).nullable(),
});
export type InvitationView = z.infer<typeof invitationView>;

/**
 * `path` is returned only once; the database keeps the hash of its secret. It differs from the link in the mail:
 * opening this one does not prove the address.
 */
export const createdInvitationView = invitationView.extend({ path: z.string() });

export const invitationLinkView = z.object({ path: z.string() });

/** The fields of the page that a set-up link opens. */
export const newAccountInput = z.object({
  name: personNameSchema,
  email: emailSchema,
  password: passwordSchema,
  locale: localeSchema.optional(),
});

/**
 * The fields of the page that an invitation opens. The address must be that of the invitation; any other is refused.
 */
export const invitedAccountInput = newAccountInput.extend({ email: emailSchema.optional() });
export const forgottenPasswordInput = z.object({ email: emailSchema });
