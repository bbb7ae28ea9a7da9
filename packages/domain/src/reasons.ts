/** Why a redelivery is asked for. The words of each reason are messages (`reason_<code>_name`, …); this is the list. */
import { z } from 'zod';

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
export const reasonCodeSchema = z.enum(reasonCodes);

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
  code: reasonCodeSchema,
  severity: z.enum(severities),
  textRequired: z.boolean(),
  name: z.string(),
  description: z.string(),
  prevention: z.string(),
  cure: z.string(),
});
export type ReasonView = z.infer<typeof reasonView>;
