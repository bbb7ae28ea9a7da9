/** Texts about specifications: why one cannot be read, and the description of a type that was made from one. */
import {
  maxSpecificationLength,
  type SpecifiedType,
} from '@turnover/domain/rules/specifications/specification';
import * as m from '@turnover/messages/messages';
import { formatNumber } from '#lib/format.ts';

const maxDescription = 2000;

export function wordsForSpecification(problem: string | undefined, at: string | null): string | null {
  if (problem === 'not_json') return m.types_specification_not_json();
  if (problem === 'not_xml') return m.types_specification_not_xml();
  if (problem === 'incomplete') return m.types_specification_incomplete({ at: at ?? '–' });
  return problem === undefined ? null : m.types_specification_unknown();
}

export function isTooLong(file: File): boolean {
  return file.size > maxSpecificationLength;
}

/** Returns the source and the demands that people must check, as far as they fit into a description. */
export function describeSpecified({ source, forPeople, moreForPeople }: SpecifiedType): string {
  if (forPeople.length === 0) return source;
  const lines = [source, '', `${m.types_specification_people()}:`];
  const all = forPeople.length + moreForPeople;
  const moreOf = (count: number) => m.types_specification_more({ number: formatNumber(count) });
  let length = lines.join('\n').length + moreOf(all).length + 1;
  for (const [index, line] of forPeople.entries()) {
    if (length + line.length + 3 > maxDescription) return [...lines, moreOf(all - index)].join('\n');
    length += line.length + 3;
    lines.push(`- ${line}`);
  }
  return moreForPeople > 0 ? [...lines, moreOf(moreForPeople)].join('\n') : lines.join('\n');
}
