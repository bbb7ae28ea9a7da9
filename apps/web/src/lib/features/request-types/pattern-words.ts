/** Explains name patterns: their parts, and their problems. */
import type { NamePart, NamePattern, NamePatternProblem } from '@turnover/domain/rules/name-patterns';
import * as m from '@turnover/messages/messages';

type Problem = NamePatternProblem['problem'];

const problems: Record<Problem, (input: { position: number }) => string> = {
  empty: () => m.types_problem_empty(),
  too_long: () => m.types_problem_too_long(),
  too_many_parts: () => m.types_problem_too_many_parts(),
  unclosed_part: m.types_problem_unclosed_part,
  unclosed_group: () => m.types_problem_unclosed_group(),
  unopened: m.types_problem_unopened,
  too_deep: () => m.types_problem_too_deep(),
  bad_part_name: m.types_problem_bad_part_name,
  repeated_part_name: m.types_problem_repeated_part_name,
  unknown_kind: m.types_problem_unknown_kind,
  bad_length: m.types_problem_bad_length,
  empty_choice: m.types_problem_empty_choice,
};

export function explainProblem({ problem, position }: NamePatternProblem): string {
  return problems[problem]({ position: position + 1 });
}

/** Explains each part in order; an optional group counts as one part. */
export function explainPattern({ elements }: NamePattern): string[] {
  return explain(elements, 0, elements.length);
}

function explain(elements: readonly NamePart[], from: number, to: number): string[] {
  const lines: string[] = [];
  for (let index = from; index < to;) {
    const element = elements[index]!;
    if (element.type === 'group') {
      const inside = explain(elements, index + 1, element.end);
      lines.push(m.types_part_optional({ parts: inside.join(', ') }));
      index = element.end;
    } else {
      lines.push(explainPart(element));
      index += 1;
    }
  }
  return lines;
}

export function explainPart(part: Exclude<NamePart, { type: 'group' }>): string {
  if (part.type === 'literal') return m.types_part_literal({ text: part.text });
  if (part.type === 'choice')
    return m.types_part_choice({ name: part.name, choices: part.choices.join(' / ') });
  const { name, kind, min, max } = part;
  // The letter v of a version is not one of its digits.
  const length = kind === 'version' ? lengthOf(min - 1, max - 1) : lengthOf(min, max);
  if (kind === 'letters') return m.types_part_letters({ name, length });
  if (kind === 'digits') return m.types_part_digits({ name, length });
  if (kind === 'version') return m.types_part_version({ name, length });
  if (kind === 'word') return m.types_part_word({ name });
  return kind === 'words' ? m.types_part_words({ name }) : m.types_part_any({ name });
}

/** Names are shorter than this, so a larger maximum counts as no limit. */
const unlimited = 200;

function lengthOf(min: number, max: number): string {
  if (min === max) return String(min);
  return max >= unlimited ? m.types_length_any() : m.types_length_range({ min, max });
}
