/** Compares an entry of a list with a delivered file, and decides about the file. */
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import { reversedBytes } from './algorithms.ts';
import type { ManifestEntry } from './manifest.ts';

/**
 * The verdict on an entry. `pending`: the hub still has to compute the value. `uncheckable`: the list has no value
 * that the hub can compute. `missing`: no file matches the entry. `superseded`: another generation of the same history decides
 * about the file.
 */
export const entryVerdicts = ['match', 'differs', 'missing', 'pending', 'uncheckable', 'superseded'] as const;
export type EntryVerdict = (typeof entryVerdicts)[number];
/**
 * The verdict on a file. `extra`: no list names it. `ignored`: no list names it, because its history excludes it on
 * purpose.
 */
export const fileVerdicts = ['match', 'differs', 'extra', 'pending', 'uncheckable', 'ignored'] as const;
export type FileVerdict = (typeof fileVerdicts)[number];

/** What was unusual about the comparison. */
export const verdictNotes = [
  'reversed_bytes',
  'other_size',
  'contradictory',
  'repeated',
  /** Generations of the history state different values. */
  'changed_in_history',
  /** The file has the value that an older generation states. */
  'older_generation',
] as const;
export type VerdictNote = (typeof verdictNotes)[number];

export type CheckedFile = {
  sizeBytes: number;
  /** Checksums that the hub computed. */
  checksums: ReadonlyMap<ChecksumAlgorithm, string>;
  /** True until the last byte has arrived and the checksum is known. */
  isArriving: boolean;
};

export type Checked = {
  verdict: EntryVerdict;
  /** The algorithm that decided. */
  algorithm: ChecksumAlgorithm | null;
  /** The algorithm that the hub must compute first. */
  wants: ChecksumAlgorithm | null;
  notes: VerdictNote[];
};

/** `file` is null when no file matches the entry. */
export function checkEntry(
  { algorithms, value, sizeBytes }: Pick<ManifestEntry, 'algorithms' | 'value' | 'sizeBytes'>,
  file: CheckedFile | null,
): Checked {
  const checked = (verdict: EntryVerdict, more: Partial<Checked> = {}): Checked => ({
    verdict,
    algorithm: null,
    wants: null,
    notes: [],
    ...more,
  });
  if (!file) return checked('missing');
  if (file.isArriving) return checked('pending');
  if (sizeBytes !== null && sizeBytes !== file.sizeBytes)
    return checked('differs', { notes: ['other_size'] });
  if (algorithms.length === 0) return checked('uncheckable');
  for (const algorithm of algorithms) {
    const computed = file.checksums.get(algorithm);
    if (computed === value) return checked('match', { algorithm });
    if (computed !== undefined && computed === reversedBytes(algorithm, value)) {
      return checked('match', { algorithm, notes: ['reversed_bytes'] });
    }
  }
  const wants = algorithms.find((algorithm) => !file.checksums.has(algorithm)) ?? null;
  if (wants) return checked('pending', { wants });
  return checked('differs', { algorithm: algorithms[0]! });
}

/** Returns the verdict over all entries of one file. A single `differs` decides; otherwise one match is enough. */
export function verdictOfFile(verdicts: readonly EntryVerdict[]): FileVerdict {
  if (verdicts.length === 0) return 'extra';
  for (const verdict of ['differs', 'match', 'pending'] as const)
    if (verdicts.includes(verdict)) return verdict;
  return 'uncheckable';
}

/** Returns notes for entries of one file that contradict or repeat each other. */
export function notesOfEntries(
  entries: readonly Pick<ManifestEntry, 'algorithms' | 'value'>[],
): VerdictNote[] {
  const values = new Map<string, Set<string>>();
  let repeated = false;
  for (const { algorithms, value } of entries) {
    const key = algorithms.join();
    const known = values.get(key) ?? new Set();
    repeated ||= known.has(value);
    values.set(key, known.add(value));
  }
  const isContradictory = [...values].some(([key, { size }]) => key !== '' && size > 1);
  return [
    ...(isContradictory ? (['contradictory'] as const) : []),
    ...(repeated ? (['repeated'] as const) : []),
  ];
}
