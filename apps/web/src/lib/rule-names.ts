import type { PreFlightRule } from '@turnover/domain/rules/rule-codes';
import * as m from '@turnover/messages/messages';

/** The name of the rule, in two or three words. */
export const ruleNames: Record<PreFlightRule, () => string> = {
  name_invalid: m.rule_short_name_invalid,
  name_duplicate: m.rule_short_name_duplicate,
  path_too_long: m.rule_short_path_too_long,
  no_space: m.rule_short_no_space,
  name_not_strict: m.rule_short_name_not_strict,
  name_pattern: m.rule_short_name_pattern,
  extension: m.rule_short_extension,
  media_kind: m.rule_short_media_kind,
  hidden_file: m.rule_short_hidden_file,
  empty_file: m.rule_short_empty_file,
  unexpected_file: m.rule_short_unexpected_file,
  too_many_files: m.rule_short_too_many_files,
  too_few_files: m.rule_short_too_few_files,
  expected_missing: m.rule_short_expected_missing,
  sequence_gap: m.rule_short_sequence_gap,
  frame_duplicate: m.rule_short_frame_duplicate,
  manifest_missing: m.rule_short_manifest_missing,
  system_file: m.rule_short_system_file,
  unfinished_file: m.rule_short_unfinished_file,
  hidden_characters: m.rule_short_hidden_characters,
  look_alike: m.rule_short_look_alike,
};
