/**
 * Reads a checksum list of any dialect. The content decides which; the name only helps when a value fits two
 * algorithms or has no file name.
 */
import { algorithmHint } from './algorithms.ts';
import { isStated } from './creator.ts';
import { generationOf } from './history.ts';
import { decodeLeniently, type ManifestEncoding } from './lenient-text.ts';
import { HashdeepReader, isHashdeep } from './hashdeep.ts';
import { readPlainLine } from './lines.ts';
import {
  atOnce,
  maxManifestEntries,
  type InPieces,
  type ListNote,
  type Manifest,
  type ManifestDialect,
  type ManifestEntry,
  type ManifestReading,
  type UnsupportedList,
} from './manifest.ts';
import { looksLikeMediaHashList, readMediaHashList, type XmlList } from './media-hash-list.ts';
import { describedName, isBagItName } from './names.ts';
import { looksLikePackingList, readPackingList } from './packing-list.ts';
import { readTaggedLine } from './tagged-lines.ts';
import { CertutilReader, PowerShellReader, windowsTool } from './windows-tools.ts';

export type ReadOptions = {
  /** Path of the list. */
  path: string;
  /** True when the bytes are only the beginning of a file, so that the last line may be incomplete. */
  cut?: boolean;
};

const linesPerPiece = 2000;
const maxUnreadListed = 5;
/** A text with more lines that are no entries is no list, whatever follows. */
const maxUnread = maxManifestEntries / 2;
/** The lines by which a list of another kind is recognised. */
const linesToJudge = 1000;
/** Maximum length of a line: the longest path, its value and its label. */
const longestLine = 8192;

export function readManifest(bytes: Uint8Array, options: ReadOptions): ManifestReading {
  return atOnce(readManifestInPieces(bytes, options));
}

/** Returns true when the bytes are a list, supported or not. The beginning of a file is enough. */
export function looksLikeManifest(beginning: Uint8Array, options: ReadOptions): boolean {
  return readManifest(beginning, options).kind !== 'none';
}

export function* readManifestInPieces(
  bytes: Uint8Array,
  { path, cut = false }: ReadOptions,
): InPieces<ManifestReading> {
  const { text, encoding } = decodeLeniently(bytes, { cut });
  yield;
  if (looksLikeMediaHashList(text)) return yield* readXmlList(text, encoding, path, cut, readMediaHashList);
  if (looksLikePackingList(text)) return yield* readXmlList(text, encoding, path, cut, readPackingList);
  return yield* readLines(text, encoding, path, cut);
}

function* readXmlList(
  text: string,
  encoding: ManifestEncoding,
  path: string,
  cut: boolean,
  read: (text: string) => InPieces<XmlList>,
): InPieces<ManifestReading> {
  const { end, dialect, entries, folders, unread, creator, ignores } = yield* read(text);
  if (end === 'doctype') return { kind: 'unsupported', what: 'doctype' };
  if (end === 'too_many_entries') return { kind: 'unsupported', what: 'too_many_entries' };
  const notes = notesOn(encoding);
  if (end !== 'complete' && !cut) notes.push('cut_short');
  if (unread > 0) notes.push('lines_not_read');
  if (folders.length > 0 && generationOf(path) === null) notes.push('directories');
  return {
    kind: 'list',
    dialect,
    encoding,
    entries,
    notes,
    unread,
    unreadAt: [],
    folders,
    creator: isStated(creator) ? creator : null,
    ignores,
  };
}

/** Reads one line. Some dialects keep state between lines. Returns null for a line that is not part of a list. */
type LineReader = (
  text: string,
  line: number,
) => { dialect: ManifestDialect; entries: readonly ManifestEntry[] } | null;

function* readLines(
  text: string,
  encoding: ManifestEncoding,
  path: string,
  cut: boolean,
): InPieces<ManifestReading> {
  const beginning = firstLines(text, cut);
  const readLine = readerFor(beginning, path);
  const entries: ManifestEntry[] = [];
  const counts = new Map<ManifestDialect, number>();
  const notes = notesOn(encoding);
  const unreadAt: number[] = [];
  let [unread, isSigned, number] = [0, false, 0];
  for (const raw of linesOf(text, cut)) {
    number += 1;
    if (number % linesPerPiece === 0) yield;
    if (unread > maxUnread) break;
    const line = raw.trimEnd();
    if (line.startsWith('-----BEGIN PGP SIGNED')) isSigned = true;
    if (isSigned && line.startsWith('-----BEGIN PGP SIGNATURE')) break;
    if (line.trim() === '' || (isSigned && /^(-----|Hash: )/.test(line))) continue;
    const found = line.length > longestLine ? null : readLine(line, number);
    if (found) {
      if (entries.length + found.entries.length > maxManifestEntries) {
        return { kind: 'unsupported', what: 'too_many_entries' };
      }
      entries.push(...found.entries);
      if (found.entries.length > 0) counts.set(found.dialect, (counts.get(found.dialect) ?? 0) + 1);
    } else if (!isComment(line)) {
      unread += 1;
      if (unreadAt.length < maxUnreadListed) unreadAt.push(number);
    }
  }
  const dialect = dialectOf(counts, path);
  if (dialect === null || !isMostly(entries.length, unread) || !namesFiles(entries, path)) {
    const what = entries.length === 0 ? otherList(beginning) : null;
    return what ? { kind: 'unsupported', what } : { kind: 'none' };
  }
  if (unread > 0) notes.push('lines_not_read');
  if (isSigned) notes.push('signed');
  const list: Manifest = {
    kind: 'list',
    dialect,
    encoding,
    entries,
    notes,
    unread,
    unreadAt,
    folders: [],
    creator: null,
    ignores: [],
  };
  return list;
}

/**
 * Returns true when a text consists mostly of entries. A title and remarks are allowed; a text that mentions a few
 * hashes is not a list.
 */
function isMostly(entries: number, unread: number): boolean {
  return entries > 0 && unread * 2 <= entries;
}

/** Returns true when the entries name files. A single nameless hash needs a list that is named after its file. */
function namesFiles(entries: readonly ManifestEntry[], path: string): boolean {
  if (entries.some((entry) => entry.path !== '')) return true;
  return entries.every(({ line }) => line === entries[0]!.line) && describedName(path) !== null;
}

function readerFor(lines: readonly string[], path: string): LineReader {
  const first = lines.find((line) => line.trim() !== '')?.trimEnd() ?? '';
  if (isHashdeep(first)) {
    const reader = new HashdeepReader();
    return (text, line) => entriesOf('hashdeep', reader.read(text, line));
  }
  const tool = windowsTool(first);
  if (tool) {
    const reader = tool === 'powershell' ? new PowerShellReader() : new CertutilReader();
    return (text, line) => entriesOf(tool, reader.read(text, line));
  }
  const hint = algorithmHint(path);
  const isSfv = /\.(sfv|crc|crc32)$/i.test(path);
  return (text, line) => {
    // `;` and `#` begin comments, although a file name at the start of a line may also begin with them.
    if (/^[;#]/.test(text)) return null;
    const found = readTaggedLine(text, line) ?? readPlainLine(text, { hint, line, isSfv });
    return found && { dialect: found.dialect, entries: [found.entry] };
  };
}

function entriesOf(dialect: ManifestDialect, entries: ManifestEntry[] | null): ReturnType<LineReader> {
  return entries && { dialect, entries };
}

/** Returns the dialect of most lines. */
function dialectOf(counts: ReadonlyMap<ManifestDialect, number>, path: string): ManifestDialect | null {
  const [most] = [...counts].toSorted(([, one], [, other]) => other - one);
  if (!most) return null;
  return most[0] === 'lines' && isBagItName(path) ? 'bagit' : most[0];
}

function isComment(line: string): boolean {
  return /^\s*(#|;|%|\/\/)/.test(line);
}

/** Returns the unsupported kind of a list, or null when the text is no checksum list. */
function otherList(lines: readonly string[]): UnsupportedList | null {
  const first = lines.find((line) => line.trim() !== '')?.trim() ?? '';
  if (first === '#mtree' || /^\/set\s+type=/.test(first)) return 'mtree';
  const some = lines.filter((line) => line.trim() !== '' && !isComment(line));
  const all = (pattern: RegExp) => some.length > 0 && some.every((line) => pattern.test(line));
  if (all(/^magnet:\?/)) return 'magnet';
  if (all(/^\d{1,10} \d{1,19} \S/)) return 'cksum';
  // A Tiger checksum: no supported algorithm has this length.
  return all(/^[0-9a-f]{48}[ \t]+\*?\S/i) ? 'other_algorithm' : null;
}

function notesOn(encoding: ManifestEncoding): ListNote[] {
  if (encoding === 'utf-16') return ['utf16'];
  if (encoding === 'utf-32') return ['utf32'];
  return encoding === 'windows-1252' ? ['windows1252'] : [];
}

/**
 * Yields the lines one by one, because 64 MB of line ends would be millions of strings. They end as on Unix, Windows and classic
 * Mac OS, or with the zero bytes of `md5sum -z`.
 */
function* linesOf(text: string, cut: boolean): Generator<string> {
  const end = ['\n', '\r'].find((each) => text.includes(each)) ?? '\0';
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const isOne = text.indexOf(end, at) < 0;
  for (let next = text.indexOf(end, at); next >= 0; next = text.indexOf(end, at)) {
    const isWindows = end === '\n' && next > at && text[next - 1] === '\r';
    yield text.slice(at, isWindows ? next - 1 : next);
    at = next + 1;
  }
  // The last line of a cut sample may be incomplete.
  if (isOne || !cut) yield text.slice(at);
}

function firstLines(text: string, cut: boolean): string[] {
  const lines: string[] = [];
  for (const line of linesOf(text, cut)) {
    lines.push(line);
    if (lines.length === linesToJudge) break;
  }
  return lines;
}
