/** Retention: how long a Workspace is kept after the launch, and how somebody gets more time. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { dayMs, daySchema, timeZoneSchema } from '../days.ts';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/names.ts';

/** Everyone is warned so many days before. */
export const warningDays = [30, 7, 1] as const;
/** Nothing expires before its owner has known for so long; an end that was set too late waits for it. */
export const fairWarningMs = dayMs;
/** What comes into a Workspace after its end, by an upload or out of the trash, is kept for so long. */
export const keptAfterEndMs = 7 * dayMs;

export const extensionStatuses = ['asked', 'granted', 'declined', 'withdrawn'] as const;
export type ExtensionStatus = (typeof extensionStatuses)[number];

const projectId = idSchema('project');
const reason = textSchema(2000).pipe(z.string().min(1));

export const askForExtensionInput = z.object({ projectId, reason });
export const extensionIdInput = z.object({ projectId, extensionId: idSchema('extension') });
export const grantExtensionInput = extensionIdInput.extend({
  /** The first day at which entries expire. */
  until: daySchema,
  timeZone: timeZoneSchema.default('UTC'),
  answer: textSchema(2000).default(''),
});
export const declineExtensionInput = extensionIdInput.extend({ answer: textSchema(2000).default('') });

export const extensionView = z.object({
  id: z.string(),
  person: personView,
  reason: z.string(),
  status: z.enum(extensionStatuses),
  askedAt: z.number(),
  decidedAt: z.number().nullable(),
  decidedBy: personView.nullable(),
  until: z.number().nullable(),
  answer: z.string(),
});
export type ExtensionView = z.infer<typeof extensionView>;

/** The caller's own Workspace in the project. */
export const retentionView = z.object({
  launchAt: z.number().nullable(),
  retentionDays: z.number(),
  /** When entries that were never delivered go to the trash; null: never. */
  expiresAt: z.number().nullable(),
  /** The latest extension that was asked for. */
  extension: extensionView.nullable(),
});
export type RetentionView = z.infer<typeof retentionView>;

/** When the entries of a person expire; null: never. An extension never shortens the time. */
export function expiryOf(
  project: { launchAt: number | null; retentionDays: number },
  extendedUntil: number | null,
): number | null {
  if (project.launchAt === null) return null;
  return Math.max(project.launchAt + project.retentionDays * dayMs, extendedUntil ?? 0);
}

/** The nearest warning that is due, in days before the end; null: none, or the end has come. */
export function warningDue(expiresAt: number, now: number): (typeof warningDays)[number] | null {
  if (now >= expiresAt) return null;
  return warningDays.toReversed().find((days) => expiresAt - now <= days * dayMs) ?? null;
}
