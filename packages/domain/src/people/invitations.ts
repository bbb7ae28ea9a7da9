/** Invitations: a link that makes its opener a person of the hub and, usually, a member of a project. */
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
  /** What became of the mail with a link; null: this hub sends none. */
  mail: z.enum(['waiting', 'sent', 'failed']).nullable(),
});
export type InvitationView = z.infer<typeof invitationView>;

/**
 * The path is told once; afterwards only the hash of its secret exists. It is another link than the one in the mail:
 * whoever opens this one has not shown that they read mail to the address.
 */
export const createdInvitationView = invitationView.extend({ path: z.string() });

export const invitationLinkView = z.object({ path: z.string() });

/** What a new person says of themselves when opening a set-up link. */
export const newAccountInput = z.object({
  name: personNameSchema,
  email: emailSchema,
  password: passwordSchema,
  locale: localeSchema.optional(),
});

/** By an invitation: the address is the invitation's. One that is named must be that. */
export const invitedAccountInput = newAccountInput.extend({ email: emailSchema.optional() });
export const forgottenPasswordInput = z.object({ email: emailSchema });
