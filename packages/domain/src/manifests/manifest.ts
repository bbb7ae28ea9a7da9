/** The contents of a checksum list, whatever program wrote it. */
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import type { ManifestCreator } from './creator.ts';
import type { StatedFolder } from './stated-folders.ts';
import type { ManifestEncoding } from './lenient-text.ts';

/** Larger files are never read as lists. */
export const maxManifestBytes = 64 * 1024 * 1024;
/** This much of a file's beginning is enough to recognise a list. */
export const manifestSampleBytes = 64 * 1024;
/** The most files that one delivery may have. */
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
  'imf_pkl',
] as const;
export type ManifestDialect = (typeof manifestDialects)[number];

/** Kinds of checksum lists that the hub cannot compare. */
export const unsupportedLists = [
  'cksum',
  'mtree',
  'magnet',
  'doctype',
  'other_algorithm',
  'too_many_entries',
] as const;
export type UnsupportedList = (typeof unsupportedLists)[number];

/** What was unusual about an entry. */
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
  'not_mapped',
] as const;
export type EntryNote = (typeof entryNotes)[number];

/** What was unusual about the list. */
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
  /**
   * As written, with `/` between the parts and without `./`. Empty when the list states no name or names standard
   * input.
   */
  path: string;
  /** The possible algorithms of the value, likeliest first. Empty when the hub computes none of them. */
  algorithms: readonly ChecksumAlgorithm[];
  /** In lower case, except for C4. Empty when the list has no value for this file. */
  value: string;
  sizeBytes: number | null;
  line: number;
  notes: readonly EntryNote[];
  /** The path of a renamed file in the previous generation (ASC MHL). */
  previousPath?: string;
  /** When the sender's program computed the value, in epoch milliseconds. */
  computedAt?: number;
  /**
   * The identifier that the list states in place of a path: the number of a generation in a chain, or the id and name
   * of an asset in a packing list.
   */
  stated?: string;
};

export type Manifest = {
  kind: 'list';
  dialect: ManifestDialect;
  encoding: ManifestEncoding;
  entries: ManifestEntry[];
  notes: ListNote[];
  /** The number of lines or elements that are not entries. `unreadAt` holds the first line numbers. */
  unread: number;
  unreadAt: number[];
  /** The hashes of folders. They are compared when the list is a generation of a history. */
  folders: readonly StatedFolder[];
  /** Null when the list does not state it. */
  creator: ManifestCreator | null;
  /** Patterns of files that the list excludes on purpose, as lines of a gitignore file. */
  ignores: readonly string[];
};
export type ManifestReading = Manifest | { kind: 'unsupported'; what: UnsupportedList } | { kind: 'none' };

/** A list that a thread has read and encoded for the database. `entries` and `unread` are counts. */
export type StorableReading = {
  kind: 'list' | 'unsupported' | 'unreadable';
  what: string;
  notes: string[];
  entries: number;
  unread: number;
  creator: ManifestCreator | null;
  ignores: readonly string[];
  folders: readonly StatedFolder[];
  /**
   * JSON arrays of `[path, algorithms, value, sizeBytes, line, notes, previousPath, computedAt, stated]`, stored
   * unchanged.
   */
  pieces: string[];
};

/** Work that may pause at each `yield`. */
export type InPieces<Result> = Generator<void, Result, void>;

export function atOnce<Result>(work: InPieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
