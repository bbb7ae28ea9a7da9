/** Compares two versions of a type, line by line. */
import { limitNames, limitText } from '../media/signal-limits.ts';
import type { RequestRules } from './request-types.ts';

export const ruleFields = [
  'mediaKinds',
  'extensions',
  'namePattern',
  'expected',
  'codecs',
  'resolutions',
  'frameRates',
  'sampleRates',
  'bitDepths',
  'channelLayouts',
  'languages',
  ...limitNames,
  'strictNames',
  'demandsManifest',
  'completeSequences',
  'automaticSubmit',
  'leftOutStages',
  'informingStages',
  'overridable',
] as const;
export type RuleField = (typeof ruleFields)[number];
/** `text` is empty for a switch that is on. */
type RuleLine = { field: RuleField; text: string };
export type ComparedLine = RuleLine & { change: 'same' | 'added' | 'removed' };

/**
 * Returns the lines in the order of the fields. Within a field, removed lines come first, then unchanged, then added
 * ones.
 */
export function compareRules(from: RequestRules, to: RequestRules): ComparedLine[] {
  const [before, after] = [linesOf(from), linesOf(to)];
  const keysOf = (lines: readonly RuleLine[]) => new Set(lines.map(keyOf));
  const [had, has] = [keysOf(before), keysOf(after)];
  return ruleFields.flatMap((field): ComparedLine[] => {
    const [old, now] = [before, after].map((lines) => lines.filter((line) => line.field === field)) as [
      RuleLine[],
      RuleLine[],
    ];
    return [
      ...old.filter((line) => !has.has(keyOf(line))).map((line) => ({ ...line, change: 'removed' as const })),
      ...now.filter((line) => had.has(keyOf(line))).map((line) => ({ ...line, change: 'same' as const })),
      ...now.filter((line) => !had.has(keyOf(line))).map((line) => ({ ...line, change: 'added' as const })),
    ];
  });
}

function keyOf({ field, text }: RuleLine): string {
  return `${field} ${text}`;
}

function linesOf(rules: RequestRules): RuleLine[] {
  const { media, expected } = rules;
  const lines = (field: RuleField, texts: readonly string[]) => texts.map((text) => ({ field, text }));
  const on = (field: RuleField, isOn: boolean) => (isOn ? [{ field, text: '' }] : []);
  return [
    ...lines('mediaKinds', rules.mediaKinds),
    ...lines('extensions', rules.extensions),
    ...lines('namePattern', rules.namePattern === null ? [] : [rules.namePattern]),
    ...lines('expected', expectedLines(expected)),
    ...(
      [
        'codecs',
        'resolutions',
        'frameRates',
        'sampleRates',
        'bitDepths',
        'channelLayouts',
        'languages',
      ] as const
    ).flatMap((field) => lines(field, media[field])),
    ...limitNames.flatMap((name) => {
      const limit = rules.signalLimits[name];
      return lines(name, limit === null ? [] : [limitText(name, limit)]);
    }),
    ...(['strictNames', 'demandsManifest', 'completeSequences', 'automaticSubmit'] as const).flatMap(
      (field) => on(field, rules[field]),
    ),
    ...lines('leftOutStages', rules.leftOutStages),
    ...lines('informingStages', rules.informingStages),
    ...lines('overridable', rules.overridable),
  ];
}

/** One line for each name, with `?` before an optional one, or one line for a number of files. */
function expectedLines(expected: RequestRules['expected']): string[] {
  if (expected.kind === 'any') return [];
  if (expected.kind === 'list')
    return expected.files.map(({ name, optional }) => (optional ? `? ${name}` : name));
  const { min, max } = expected;
  return [max === null ? `${min}–` : min === max ? String(min) : `${min}–${max}`];
}
