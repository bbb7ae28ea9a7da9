/**
 * Finds the delivered file that an entry of a list means. It tries the exact path first, from the list's own folder and
 * then from the top of the delivery. Among the remaining files it tries another case or Unicode form, look-alike
 * letters, and the longest end of a path that only one file has. It never guesses: if two files or two entries are
 * possible, the entry stays unmatched.
 */
import { lookAlikeKey } from '../names/look-alikes.ts';
import { lastSegment, nameKey } from '../names/names.ts';
import { describedName } from './names.ts';
import type { InPieces } from './manifest.ts';

/** How an entry matched its file when the paths differ. */
export const matchNotes = [
  'from_top',
  'by_end',
  'by_name',
  'other_letters',
  'look_alike',
  'side_file',
] as const;
export type MatchNote = (typeof matchNotes)[number];

/** Why an entry matched no file. */
export const missNotes = ['ambiguous', 'the_list_itself'] as const;
export type MissNote = (typeof missNotes)[number];

export type ListedFile = { id: string; path: string };
export type Matched = { fileId: string | null; notes: readonly (MatchNote | MissNote)[] };

const perPiece = 200;
/** The most parts of a path that are compared, counted from its end. */
const longestEnd = 8;

/** Index of the files under every key by which an entry may find them. Built once for all lists of a delivery. */
export class FileIndex {
  readonly files: readonly ListedFile[];
  #byPath = new Map<string, ListedFile>();
  #byKey = new Map<string, ListedFile | null>();
  #byLook = new Map<string, ListedFile | null>();
  #ends: Map<string, ListedFile | null> | null = null;
  #byStem: Map<string, ListedFile | null> | null = null;

  static *of(files: readonly ListedFile[]): InPieces<FileIndex> {
    const index = new FileIndex(files);
    for (const [at, file] of files.entries()) {
      if (at % perPiece === perPiece - 1) yield;
      index.#byPath.set(file.path, file);
      putOnce(index.#byKey, nameKey(file.path), file);
      putOnce(index.#byLook, lookKey(file.path), file);
    }
    return index;
  }

  private constructor(files: readonly ListedFile[]) {
    this.files = files;
  }

  /** Returns files by each end of their path; null where several files share it. Built on first use. */
  *ends(): InPieces<ReadonlyMap<string, ListedFile | null>> {
    if (this.#ends) return this.#ends;
    const ends = new Map<string, ListedFile | null>();
    for (const [at, file] of this.files.entries()) {
      if (at % perPiece === perPiece - 1) yield;
      for (const end of endsOf(file.path)) putOnce(ends, end, file);
    }
    this.#ends = ends;
    return ends;
  }

  /** Returns a content file by its path without extension; null where several files share it. */
  byStem(path: string): ListedFile | null | undefined {
    if (!this.#byStem) {
      this.#byStem = new Map();
      for (const file of this.files) {
        if (describedName(file.path) !== null) continue;
        const name = lastSegment(file.path);
        const dot = name.lastIndexOf('.');
        if (dot > 0) putOnce(this.#byStem, lookKey(file.path.slice(0, dot - name.length)), file);
      }
    }
    return this.#byStem.get(lookKey(path));
  }

  /** Finds a file by its exact path, or by a path that differs only in case, Unicode form or look-alike letters. */
  find(path: string): { file: ListedFile; notes: MatchNote[] } | null {
    const exact = this.#byPath.get(path);
    if (exact) return { file: exact, notes: [] };
    const sameLetters = this.#byKey.get(nameKey(path));
    if (sameLetters) return { file: sameLetters, notes: ['other_letters'] };
    const alike = this.#byLook.get(lookKey(path));
    return alike ? { file: alike, notes: ['look_alike'] } : null;
  }
}

/** Returns the match of each path, in the order of the entries. */
export function* matchEntries(
  list: ListedFile,
  paths: readonly string[],
  index: FileIndex,
): InPieces<Map<string, Matched>> {
  const found = new Map<string, Matched>();
  const folder = baseFolder(list.path);
  const left: string[] = [];
  const taken = new Set<string>();
  let isAtItsRoot = false;
  const settle = (path: string, file: ListedFile, notes: MatchNote[]) => {
    if (file.id === list.id) found.set(path, { fileId: null, notes: ['the_list_itself'] });
    else {
      found.set(path, { fileId: file.id, notes });
      taken.add(file.id);
    }
  };
  const distinct = [...new Set(paths)];
  for (const [at, path] of distinct.entries()) {
    if (at % perPiece === perPiece - 1) yield;
    if (path === '') {
      found.set(path, sideFileOf(list, index));
      continue;
    }
    const beside = index.find(folder + path);
    const fromTop = beside || folder === '' ? null : index.find(path);
    isAtItsRoot ||= beside !== null;
    if (beside) settle(path, beside.file, beside.notes);
    else if (fromTop) settle(path, fromTop.file, ['from_top', ...fromTop.notes]);
    else left.push(path);
  }
  // A list that names files beside it describes this folder: a file of the same name in another folder is another one.
  const within = isAtItsRoot ? folder : '';
  if (left.length > 0) yield* matchEnds(left, index, { taken, found, list, within });
  return found;
}

type Matching = {
  /** Ids of the files that the list names exactly. */
  taken: ReadonlySet<string>;
  found: Map<string, Matched>;
  list: ListedFile;
  /** The folder in which files are looked for; the empty text for all. */
  within: string;
};

/** Matches the remaining entries by the longest end of the path that only one file has and only one entry asks for. */
function* matchEnds(
  left: readonly string[],
  index: FileIndex,
  { taken, found, list, within }: Matching,
): InPieces<void> {
  const ends = yield* index.ends();
  type Claim = { path: string; length: number; isClear: boolean };
  const claims = new Map<ListedFile, Claim>();
  const unmatched = new Map<string, Matched['notes']>();
  for (const [at, path] of left.entries()) {
    if (at % perPiece === perPiece - 1) yield;
    // The longest end that any file has decides. If several files share it, a shorter end cannot tell them apart
    // either.
    const key = endsOf(path)
      .toReversed()
      .find((end) => ends.has(end));
    const file = key === undefined ? undefined : ends.get(key);
    unmatched.set(path, file === null ? ['ambiguous'] : []);
    // Skips the list itself, and files that the list already names exactly.
    if (!file || taken.has(file.id) || file.id === list.id || !file.path.startsWith(within)) continue;
    const length = key!.split('/').length;
    const other = claims.get(file);
    if (other && other.length > length) continue;
    claims.set(file, { path, length, isClear: other?.length !== length });
    if (other?.length === length) unmatched.set(other.path, ['ambiguous']);
  }
  for (const [path, notes] of unmatched) found.set(path, { fileId: null, notes });
  for (const [file, { path, length, isClear }] of claims) {
    if (!isClear) found.set(path, { fileId: null, notes: ['ambiguous'] });
    else found.set(path, { fileId: file.id, notes: [length > 1 ? 'by_end' : 'by_name'] });
  }
}

/** Returns the ends of a path, from the name alone to the whole path. */
function endsOf(path: string): string[] {
  const segments = lookKey(path).split('/');
  const most = Math.min(longestEnd, segments.length);
  return Array.from({ length: most }, (_, index) => segments.slice(-1 - index).join('/'));
}

/**
 * Finds the file beside its list: `A001.mov` beside `A001.mov.md5`, or the only other file named `A001` beside
 * `A001.md5`.
 */
function sideFileOf(list: ListedFile, index: FileIndex): Matched {
  const described = describedName(list.path);
  if (described === null) return { fileId: null, notes: [] };
  const folder = list.path.slice(0, list.path.lastIndexOf('/') + 1);
  const found = index.find(folder + described);
  if (found && found.file.id !== list.id)
    return { fileId: found.file.id, notes: ['side_file', ...found.notes] };
  const alike = index.byStem(folder + described);
  if (alike === null) return { fileId: null, notes: ['ambiguous'] };
  return { fileId: alike?.id ?? null, notes: alike ? ['side_file'] : [] };
}

/** Returns the folder that the paths of a list are relative to: the list's own folder, or the one around `ascmhl`. */
function baseFolder(path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return /^ascmhl_chain\.xml$/i.test(path.slice(folder.length))
    ? folder
    : folder.replace(/(^|\/)ascmhl\/$/i, '$1');
}

/** Stores an item under its key, and null once several items share the key. */
function putOnce<Item>(map: Map<string, Item | null>, key: string, item: Item): void {
  const other = map.get(key);
  if (other === undefined) map.set(key, item);
  else if (other !== item) map.set(key, null);
}

/** Returns a key that is equal for paths whose parts look the same. */
function lookKey(path: string): string {
  return path.split('/').map(lookAlikeKey).join('/');
}
