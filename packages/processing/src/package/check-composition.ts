/** Checks what a composition states: one edit rate, matching lengths, the rates of its sound and its languages. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { PackageDocument, Resource, Sequence } from './documents.ts';

type Composition = Extract<PackageDocument, { kind: 'composition' }>;

export function checkComposition(composition: Composition, name: string): MediaProblem[] {
  return [
    ...composition.sequences.flatMap((sequence) => checkSequence(sequence, composition, name)),
    ...checkLengths(composition, name),
    ...checkSound(composition, name),
  ];
}

function checkSequence(
  { kind, resources }: Sequence,
  { editRate }: Composition,
  name: string,
): MediaProblem[] {
  const problems: MediaProblem[] = [];
  const rates = resources.map((resource) => resource.editRate ?? editRate);
  // The edit rate of sound is its sample rate.
  const other = isSound(kind)
    ? undefined
    : rates.find((rate) => secondsIn(1, rate) !== secondsIn(1, editRate));
  if (other !== undefined) {
    problems.push({
      code: 'composition_rate_differs',
      measured: `${name}: ${kind} ${other ?? '–'}`.slice(0, 200),
      wanted: (editRate ?? '–').slice(0, 60),
    });
  }
  for (const { entry, source, intrinsic } of resources) {
    if (intrinsic === null || entry + (source ?? 0) <= intrinsic) continue;
    problems.push({
      code: 'composition_beyond_file',
      measured: `${name}: ${kind} ${entry} + ${source ?? 0}`.slice(0, 200),
      wanted: `${intrinsic}`,
    });
  }
  return problems;
}

/** Checks that the sequences of a segment, which play at the same time, are equally long, to half a frame. */
function checkLengths({ sequences, editRate }: Composition, name: string): MediaProblem[] {
  const half = (secondsIn(1, editRate) ?? 0) / 2;
  const segments = Map.groupBy(sequences, ({ segment }) => segment);
  return [...segments.values()].flatMap((parallel): MediaProblem[] => {
    const lengths = parallel.flatMap(({ kind, resources }) => {
      const seconds = resources.map((resource) => lengthOf(resource, editRate));
      return seconds.includes(null)
        ? []
        : [{ kind, seconds: seconds.reduce<number>((sum, each) => sum + each!, 0) }];
    });
    const [first] = lengths;
    const other = lengths.find(({ seconds }) => Math.abs(seconds - first!.seconds) > half);
    if (!first || !other) return [];
    return [
      {
        code: 'composition_lengths_differ',
        measured: `${name}: ${first.kind} ${secondsText(first.seconds)}`.slice(0, 200),
        wanted: `${other.kind} ${secondsText(other.seconds)}`.slice(0, 200),
      },
    ];
  });
}

function checkSound({ sequences, sampleRates, languages }: Composition, name: string): MediaProblem[] {
  const wrong = sampleRates.find((rate) => ![48_000, 96_000].includes(1 / (secondsIn(1, rate) ?? 0)));
  const hasSound = sequences.some(({ kind }) => isSound(kind));
  return [
    ...(wrong === undefined
      ? []
      : [
          {
            code: 'composition_sample_rate',
            measured: `${name}: ${wrong}`.slice(0, 200),
            wanted: '48 kHz, 96 kHz',
          } as const,
        ]),
    ...(hasSound && languages.length === 0
      ? [{ code: 'composition_no_language', measured: name.slice(0, 200) } as const]
      : []),
  ];
}

function isSound(kind: string): boolean {
  return kind.includes('Audio');
}

function lengthOf(
  { source, intrinsic, entry, editRate, repeats }: Resource,
  other: string | null,
): number | null {
  const units = source ?? (intrinsic === null ? null : intrinsic - entry);
  const seconds = units === null ? null : secondsIn(units, editRate ?? other);
  return seconds === null ? null : seconds * repeats;
}

export function secondsIn(units: number, rate: string | null): number | null {
  const [, over, under = '1'] = /^(\d{1,9})(?:[\s/]+(\d{1,9}))?$/.exec(rate ?? '') ?? [];
  const perSecond = Number(over) / Number(under);
  return perSecond > 0 && Number.isFinite(perSecond) ? units / perSecond : null;
}

function secondsText(seconds: number): string {
  return `${Math.round(seconds * 1000) / 1000} s`;
}
