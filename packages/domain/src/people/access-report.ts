/**
 * The security report of a project: who has access and why, and how its data is protected. It names people, and neither files
 * nor deliveries, because owners of the hub may not see those.
 */
import { z } from 'zod';
import { personView } from './accounts.ts';
import { roleSchema } from './projects.ts';

/** The most people and open invitations in one report. */
export const maxReported = 5000;

/**
 * How a person came into the project. `share`: a colleague who got a share; `joined`: an owner of the hub who added themselves;
 * `unknown`: before the hub recorded it.
 */
export const accessOrigins = ['added', 'invited', 'share', 'joined', 'unknown'] as const;
export type AccessOrigin = (typeof accessOrigins)[number];

export const accessPersonView = z.object({
  user: personView.extend({ email: z.string() }),
  /** Null for an owner of the hub who is not a member. */
  role: roleSchema.nullable(),
  isOwner: z.boolean(),
  /** A disabled account cannot sign in. */
  isDisabled: z.boolean(),
  /** Since when the person is a member; null for others. */
  since: z.number().nullable(),
  origin: z.enum(accessOrigins),
  /** Who added or invited them, or shared with them; null when it is not known. */
  by: z.string().nullable(),
  /** How many deliveries are assigned to the person or to their company. */
  assigned: z.number(),
  hasSecondFactor: z.boolean(),
  lastSignInAt: z.number().nullable(),
  /** Sign-ins that are in force. */
  sessions: z.number(),
  apiTokens: z.number(),
  tokenUsedAt: z.number().nullable(),
});
export type AccessPersonView = z.infer<typeof accessPersonView>;

/** How many of those who can sign in have a second factor. */
export function countFactors(people: readonly AccessPersonView[]): { count: number; people: number } {
  const active = people.filter(({ isDisabled }) => !isDisabled);
  return { count: active.filter(({ hasSecondFactor }) => hasSecondFactor).length, people: active.length };
}

export const accessReportView = z.object({
  at: z.number(),
  people: z.array(accessPersonView),
  invitations: z.array(
    z.object({
      id: z.string(),
      email: z.string(),
      role: roleSchema,
      by: z.string().nullable(),
      createdAt: z.number(),
      expiresAt: z.number(),
    }),
  ),
  retention: z.object({
    /** Null when it is not known; then nothing expires. */
    launchAt: z.number().nullable(),
    /** Days after the launch until undelivered files move to the trash. */
    retentionDays: z.number(),
    trashDays: z.number(),
    /** Null when scheduled backups are off. */
    backupsKept: z.number().nullable(),
  }),
});
export type AccessReportView = z.infer<typeof accessReportView>;
