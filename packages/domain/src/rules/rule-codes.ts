/** The rules by their codes. Pages that name a rule load this, and not the rules themselves. */

/**
 * The codes of all rules. They are checked before the upload, when an upload begins, and at submit (`pre-flight.ts`).
 */
export const preFlightRules = [
  'name_invalid',
  'name_duplicate',
  'path_too_long',
  'no_space',
  'name_not_strict',
  'name_pattern',
  'extension',
  'media_kind',
  'hidden_file',
  'empty_file',
  'unexpected_file',
  'too_many_files',
  'too_few_files',
  'expected_missing',
  'sequence_gap',
  'frame_duplicate',
  'manifest_missing',
  'system_file',
  'unfinished_file',
  'hidden_characters',
  'look_alike',
] as const;
export type PreFlightRule = (typeof preFlightRules)[number];

export function isRule(value: unknown): value is PreFlightRule {
  return (preFlightRules as readonly unknown[]).includes(value);
}

/** Returns true for a problem that stops the file or the submit, unless it is overridden. */
export function isBinding({ verdict }: { verdict: string }): boolean {
  return verdict === 'blocking' || verdict === 'overridable';
}
