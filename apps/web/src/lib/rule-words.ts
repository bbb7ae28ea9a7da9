/** Rule problems as sentences. A rule without a text does not compile. */
import type { RuleProblem } from '@turnover/domain/rules/pre-flight';
import type { PreFlightRule } from '@turnover/domain/rules/rule-codes';
import * as m from '@turnover/messages/messages';
import { lastSegment } from '@turnover/domain/names/names';
import { formatBytes } from '#lib/format.ts';

type Found = Pick<RuleProblem, 'path'> & { details: Record<string, unknown> };
type Words = (found: {
  name: string;
  text: (key: string) => string;
  number: (key: string) => number;
}) => string;

const words: Record<PreFlightRule, Words> = {
  name_invalid: ({ name }) => m.rule_name_invalid({ name }),
  name_duplicate: ({ name, number }) =>
    number('present') ? m.uploads_name_taken() : m.rule_name_duplicate({ name }),
  path_too_long: ({ number }) => {
    const [length, most] = [number('length'), number('most')];
    return m.rule_path_too_long({ length, most, over: length - most });
  },
  no_space: ({ number }) => wordsForDiskSpace(formatBytes(number('needed')), formatBytes(number('free'))),
  name_not_strict: ({ name }) => m.rule_name_not_strict({ name }),
  name_pattern: ({ name, text }) => m.rule_name_pattern({ name, example: text('example') }),
  extension: ({ name, text }) => m.rule_extension({ name, wanted: text('wanted') }),
  media_kind: ({ name }) => m.rule_media_kind({ name }),
  hidden_file: ({ name }) => m.rule_hidden_file({ name }),
  empty_file: ({ name }) => m.rule_empty_file({ name }),
  unexpected_file: ({ name }) => m.rule_unexpected_file({ name }),
  too_many_files: ({ number }) => m.rule_too_many_files({ files: number('files'), max: number('max') }),
  too_few_files: ({ number }) => {
    const [files, min] = [number('files'), number('min')];
    return files === 0 ? m.rule_no_files({ count: min }) : m.rule_too_few_files({ files, min });
  },
  expected_missing: ({ text }) => {
    const [name, example] = [text('name'), text('example')];
    if (example === '' || example === name) return m.rule_expected_missing({ name });
    // The pattern itself is shown only to people who write types.
    return m.rule_expected_missing_like({ example });
  },
  sequence_gap: ({ name, text, number }) => {
    const gaps = text('gaps');
    const [step, first, last] = [number('step'), number('first'), number('last')];
    if (step < 2) return m.rule_sequence_gap({ count: number('missing'), name, gaps });
    if (gaps === '') return m.rule_sequence_step({ step, name, first, last });
    return m.rule_sequence_step_gaps({ step, name, first, last, gaps });
  },
  frame_duplicate: ({ name, text, number }) =>
    m.rule_frame_duplicate({ count: number('frames'), name, names: text('names') }),
  manifest_missing: ({ text, number }) =>
    number('unnamed') > 0
      ? m.rule_manifest_unnamed({ count: number('unnamed'), name: text('name') })
      : m.rule_manifest_missing(),
  system_file: ({ text }) => m.rule_system_file({ name: text('name') }),
  unfinished_file: ({ name }) => m.rule_unfinished_file({ name }),
  hidden_characters: ({ text }) =>
    m.rule_hidden_characters({ name: text('name'), characters: text('characters') }),
  look_alike: ({ text }) => m.rule_look_alike({ other: text('other') }),
};

export function wordsForProblem(rule: PreFlightRule, { path, details }: Found): string {
  const name = path === null ? String(details.name ?? '') : lastSegment(path);
  return words[rule]({
    name,
    text: (key) => String(details[key] ?? ''),
    number: (key) => Number(details[key] ?? 0),
  });
}

/** Describes missing disk space. Different sizes may round to the same text. */
export function wordsForDiskSpace(needed: string, available: string): string {
  return needed === available
    ? m.error_no_space_almost({ needed })
    : m.error_no_space_bytes({ needed, available });
}
