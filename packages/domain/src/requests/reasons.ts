/**
 * The reasons for a redelivery. The texts of the starter list are messages (`reason_<code>_name`, …); a hub can change
 * these texts, archive reasons and add its own.
 */
import { z } from 'zod';
import { revisionView, seenRevision } from '../revisions.ts';
import { isId } from '../ids.ts';
import { textSchema } from '../names/schemas.ts';
import { lineOfText } from '../names/lines.ts';

export const severities = ['note', 'issue', 'blocker'] as const;
export type Severity = (typeof severities)[number];

export const reasonCodes = [
  'missing_file',
  'wrong_file',
  'wrong_version',
  'name_not_to_spec',
  'checksum_missing',
  'checksum_mismatch',
  'unreadable',
  'frame_gaps',
  'picture_spec',
  'audio_spec',
  'timed_text',
  'extraneous_content',
  'creative_change',
  'sent_in_error',
  'other',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];
const notAReason = { error: 'Expected the code of a reason.' };
/** A code of the starter list, or the id of one of the hub's own reasons. */
export const reasonCodeSchema = z
  .string()
  .max(40, notAReason)
  .refine((code) => isStarterReason(code) || isId('reason', code), notAReason);

export function isStarterReason(code: string): code is ReasonCode {
  return (reasonCodes as readonly string[]).includes(code);
}

export const reasons: Record<ReasonCode, { severity: Severity; textRequired: boolean }> = {
  missing_file: { severity: 'blocker', textRequired: false },
  wrong_file: { severity: 'blocker', textRequired: false },
  wrong_version: { severity: 'blocker', textRequired: false },
  name_not_to_spec: { severity: 'issue', textRequired: false },
  checksum_missing: { severity: 'issue', textRequired: false },
  checksum_mismatch: { severity: 'blocker', textRequired: false },
  unreadable: { severity: 'blocker', textRequired: false },
  frame_gaps: { severity: 'blocker', textRequired: false },
  picture_spec: { severity: 'blocker', textRequired: false },
  audio_spec: { severity: 'blocker', textRequired: false },
  timed_text: { severity: 'issue', textRequired: false },
  extraneous_content: { severity: 'issue', textRequired: false },
  creative_change: { severity: 'note', textRequired: false },
  sent_in_error: { severity: 'note', textRequired: false },
  other: { severity: 'issue', textRequired: true },
};

export const reasonView = z.object({
  code: z.string(),
  revision: revisionView,
  severity: z.enum(severities),
  textRequired: z.boolean(),
  name: z.string(),
  description: z.string(),
  prevention: z.string(),
  cure: z.string(),
  /** True when the reason is no longer offered. Older redeliveries keep it. */
  archived: z.boolean(),
  /** True when the hub wrote its own texts for this reason, in one language only. */
  ownWords: z.boolean(),
});
export type ReasonView = z.infer<typeof reasonView>;

const words = {
  name: lineOfText(80),
  description: textSchema(2000),
  prevention: textSchema(2000),
  cure: textSchema(2000),
};
export const createReasonInput = z.object({
  ...words,
  severity: z.enum(severities),
  textRequired: z.boolean().default(false),
});
export type CreateReasonInput = z.infer<typeof createReasonInput>;
export const reasonCodeInput = z.object({ code: reasonCodeSchema });
/** Missing fields stay unchanged; `words: null` restores the included texts. */
export const updateReasonInput = reasonCodeInput.extend({
  revision: seenRevision,
  words: z.object(words).nullable().optional(),
  severity: z.enum(severities).optional(),
  textRequired: z.boolean().optional(),
  archived: z.boolean().optional(),
});
export type UpdateReasonInput = z.infer<typeof updateReasonInput>;
/** The codes of all reasons, in the order in which they are offered. */
export const orderReasonsInput = z.object({ codes: z.array(reasonCodeSchema).min(1).max(200) });
