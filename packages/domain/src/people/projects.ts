/** Projects and the roles in them. */
import { z } from 'zod';
import { personView } from './accounts.ts';
import { idSchema } from '../ids.ts';
import { revisionView, seenRevision } from '../revisions.ts';
import { lineOfText } from '../names/lines.ts';

export const roles = ['coordinator', 'partner', 'uploader', 'reviewer', 'workspace'] as const;
export type Role = (typeof roles)[number];
export const roleSchema = z.enum(roles);

export const projectNameSchema = lineOfText(120);
export const createProjectInput = z.object({
  name: projectNameSchema,
  subtitle: lineOfText(120, { optional: true }).optional(),
});
export const projectIdInput = z.object({ projectId: idSchema('project') });
export const updateProjectInput = projectIdInput.extend({
  revision: seenRevision,
  name: projectNameSchema.optional(),
  subtitle: lineOfText(120, { optional: true }).optional(),
  /** The beginning of the launch day; null when it is unknown, in which case nothing expires. */
  launchAt: z.number().int().min(0).max(Date.UTC(9999, 0)).nullable().optional(),
  retentionDays: z.number().int().min(1).max(3650).optional(),
});

export const projectView = z.object({
  id: z.string(),
  revision: revisionView,
  name: z.string(),
  subtitle: z.string(),
  launchAt: z.number().nullable(),
  retentionDays: z.number(),
  createdAt: z.number(),
  /** Null for an owner who is not a member. */
  role: roleSchema.nullable(),
});
export type ProjectView = z.infer<typeof projectView>;

export const addMemberInput = projectIdInput.extend({ userId: idSchema('user'), role: roleSchema });
export const memberInput = projectIdInput.extend({ userId: idSchema('user') });
export const setRoleInput = memberInput.extend({ revision: seenRevision, role: roleSchema });

export const memberView = z.object({
  user: personView.extend({ email: z.string() }),
  companyId: z.string().nullable(),
  role: roleSchema,
  since: z.number(),
  revision: revisionView,
  /** Size of the person's Workspace, including versions and trash. */
  workspaceBytes: z.number(),
  /** The limit for this person; null when the project's limit applies. */
  maxWorkspaceBytes: z.number().nullable(),
});
export type MemberView = z.infer<typeof memberView>;
