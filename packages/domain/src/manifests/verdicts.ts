/** What a list says of a delivered file, once both are there. */
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import { reversedBytes } from './algorithms.ts';
import type { ManifestEntry } from './manifest.ts';

/**
 * Of an entry. `pending`: the hub has still to compute the value; `uncheckable`: the list has no value that it can compute;
 * `missing`: no file is what the entry names.
 */
export const entryVerdicts = ['match', 'differs', 'missing', 'pending', 'uncheckable'] as const;
export type EntryVerdict = (typeof entryVerdicts)[number];
/** Of a file. `extra`: no list names it. */
export const fileVerdicts = ['match', 'differs', 'extra', 'pending', 'uncheckable'] as const;
export type FileVerdict = (typeof fileVerdicts)[number];

/** What was odd about the comparison. */
export const verdictNotes = ['reversed_bytes', 'other_size', 'contradictory', 'repeated'] as const;
export type VerdictNote = (typeof verdictNotes)[number];

export type CheckedFile = {
  sizeBytes: number;
  /** Computed by the hub. */
  checksums: ReadonlyMap<ChecksumAlgorithm, string>;
  /** Its last byte is not there, or its checksum is still being made. */
  isArriving: boolean;
};

export type Checked = {
  verdict: EntryVerdict;
  /** What decided it. */
  algorithm: ChecksumAlgorithm | null;
  /** What has to be computed before it can be decided. */
  wants: ChecksumAlgorithm | null;
  notes: VerdictNote[];
};

/** `file` null: none is meant. */
export function checkEntry(
  { algorithms, value, sizeBytes }: Pick<ManifestEntry, 'algorithms' | 'value' | 'sizeBytes'>,
  file: CheckedFile | null,
): Checked {
  const judged = (verdict: EntryVerdict, more: Partial<Checked> = {}): Checked => ({
    verdict,
    algorithm: null,
    wants: null,
    notes: [],
    ...more,
  });
  if (!file) return judged('missing');
  if (file.isArriving) return judged('pending');
  if (sizeBytes !== null && sizeBytes !== file.sizeBytes) return judged('differs', { notes: ['other_size'] });
  if (algorithms.length === 0) return judged('uncheckable');
  for (const algorithm of algorithms) {
    const computed = file.checksums.get(algorithm);
    if (computed === value) return judged('match', { algorithm });
    if (computed !== undefined && computed === reversedBytes(algorithm, value)) {
      return judged('match', { algorithm, notes: ['reversed_bytes'] });
    }
  }
  const wants = algorithms.find((algorithm) => !file.checksums.has(algorithm)) ?? null;
  if (wants) return judged('pending', { wants });
  return judged('differs', { algorithm: algorithms[0]! });
}

/** Of all entries that mean one file: what differs anywhere differs, and one value that is right is enough otherwise. */
export function verdictOfFile(verdicts: readonly EntryVerdict[]): FileVerdict {
  if (verdicts.length === 0) return 'extra';
  for (const verdict of ['differs', 'match', 'pending'] as const)
    if (verdicts.includes(verdict)) return verdict;
  return 'uncheckable';
}

/** Entries of one file that cannot all be right, or say the same twice. */
export function notesOfEntries(entries: readonly ManifestEntry[]): VerdictNote[] {
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
