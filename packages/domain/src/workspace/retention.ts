/** Retention: how long a Workspace is kept after the launch, and extensions of that time. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { dayMs, daySchema, timeZoneSchema } from '../days.ts';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/schemas.ts';

/** Days before the end at which owners of entries are warned. */
export const warningDays = [30, 7, 1] as const;
/** The least time between a warning and the end. If the end was set later than that allows, it waits. */
export const fairWarningMs = dayMs;
/** How long a Workspace keeps entries that arrive after its end, by an upload or out of the trash. */
export const keptAfterEndMs = 7 * dayMs;

export const extensionStatuses = ['asked', 'granted', 'declined', 'withdrawn'] as const;
export type ExtensionStatus = (typeof extensionStatuses)[number];

const projectId = idSchema('project');
const reason = textSchema(2000).pipe(z.string().min(1));

export const askForExtensionInput = z.object({ projectId, reason });
export const extensionIdInput = z.object({ projectId, extensionId: idSchema('extension') });
export const grantExtensionInput = extensionIdInput.extend({
  /** The first day on which entries expire. */
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

/** The retention of the caller's own Workspace in the project. */
export const retentionView = z.object({
  launchAt: z.number().nullable(),
  retentionDays: z.number(),
  /** When undelivered entries go to the trash, in epoch milliseconds; null for never. */
  expiresAt: z.number().nullable(),
  /** The latest requested extension; null when none was requested. */
  extension: extensionView.nullable(),
});
export type RetentionView = z.infer<typeof retentionView>;

/**
 * Returns when the entries of a person expire, in epoch milliseconds; null for never. An extension never shortens the
 * time.
 */
export function expiryOf(
  project: { launchAt: number | null; retentionDays: number },
  extendedUntil: number | null,
): number | null {
  if (project.launchAt === null) return null;
  return Math.max(project.launchAt + project.retentionDays * dayMs, extendedUntil ?? 0);
}

/** Returns the latest warning that is due, in days before the end; null when none is due or the end has passed. */
export function warningDue(expiresAt: number, now: number): (typeof warningDays)[number] | null {
  if (now >= expiresAt) return null;
  return warningDays.toReversed().find((days) => expiresAt - now <= days * dayMs) ?? null;
}
