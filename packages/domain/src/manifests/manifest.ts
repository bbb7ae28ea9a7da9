/** What is read out of a checksum list, whatever wrote it. */
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import type { ManifestEncoding } from './decoding.ts';

/** Only files up to this size are looked into. */
export const maxManifestBytes = 64 * 1024 * 1024;
/** How much of a file's beginning is enough to recognise a list. */
export const manifestSampleBytes = 64 * 1024;
/** As many as files of one delivery. */
export const maxManifestEntries = 250_000;
export const maxEntryPathLength = 4096;

export const manifestDialects = [
  'lines',
  'tagged',
  'openssl',
  'sfv',
  'c4',
  'hash_only',
  'hashdeep',
  'bagit',
  'certutil',
  'powershell',
  'mhl',
  'asc_mhl',
] as const;
export type ManifestDialect = (typeof manifestDialects)[number];

/** Lists of checksums that are none the hub compares with. */
export const unsupportedLists = [
  'cksum',
  'mtree',
  'magnet',
  'doctype',
  'other_algorithm',
  'too_many_entries',
] as const;
export type UnsupportedList = (typeof unsupportedLists)[number];

/** What was odd about an entry as it is written. */
export const entryNotes = [
  'absolute_path',
  'backslashes',
  'parent_path',
  'no_name',
  'path_cut',
  'unlabelled',
  'other_algorithm',
  'no_value',
  'failed_at_source',
] as const;
export type EntryNote = (typeof entryNotes)[number];

/** What was odd about the list. */
export const listNotes = [
  'utf16',
  'utf32',
  'windows1252',
  'lines_not_read',
  'cut_short',
  'signed',
  'directories',
] as const;
export type ListNote = (typeof listNotes)[number];

export type ManifestEntry = {
  /** As written, with `/` between its parts and without `./`; empty: none, or that of standard input. */
  path: string;
  /** What the value may be of, the likeliest first; empty: nothing that the hub computes. */
  algorithms: readonly ChecksumAlgorithm[];
  /** In lower case but for C4; empty: the list has none for this file. */
  value: string;
  sizeBytes: number | null;
  line: number;
  notes: readonly EntryNote[];
};

export type Manifest = {
  kind: 'list';
  dialect: ManifestDialect;
  encoding: ManifestEncoding;
  entries: ManifestEntry[];
  notes: ListNote[];
  /** Lines, or elements, that are no entries; the first of them are `unreadAt`. */
  unread: number;
  unreadAt: number[];
  /** Hashes of folders, which are left out. */
  directories: number;
};
export type ManifestReading = Manifest | { kind: 'unsupported'; what: UnsupportedList } | { kind: 'none' };

/** Between two pieces of work others get their turn. */
export type InPieces<Result> = Generator<void, Result, void>;

export function atOnce<Result>(work: InPieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
