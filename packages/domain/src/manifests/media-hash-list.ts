/** Media hash lists: MHL 1.0 and 1.1, ASC MHL 2.0, and the chain that lists the generations of an ASC MHL history. */
import { checksumValue, type ChecksumAlgorithm } from '../media/checksums.ts';
import { entryFrom, entryWithoutValue } from './entries.ts';
import { maxManifestEntries, type InPieces, type ManifestDialect, type ManifestEntry } from './manifest.ts';
import { readXml, type XmlEnd, type XmlHandler } from './xml.ts';

const algorithms = new Map<string, ChecksumAlgorithm>([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
  ['c4', 'c4'],
  ['xxh128', 'xxh128'],
  ['xxh3', 'xxh3'],
  ['xxh64', 'xxh64'],
  // In MHL 1, `xxhash` is 32 bits in decimal digits, and `xxhash64` has its bytes reversed.
  ['xxhash', 'xxh32'],
  ['xxhash64', 'xxh64'],
  ['xxhash64be', 'xxh64'],
]);

/** True when the text begins like a media hash list, whatever its namespace prefix. */
export function looksLikeMediaHashList(text: string): boolean {
  return /<(?:[\w.-]+:)?(?:hashlist|ascmhldirectory)[\s>/]/.test(text.slice(0, 16_384));
}

type Found = { algorithm: ChecksumAlgorithm; text: string; failed: boolean };

export type MediaHashList = {
  dialect: Extract<ManifestDialect, 'mhl' | 'asc_mhl'>;
  entries: ManifestEntry[];
  directories: number;
  unread: number;
  end: XmlEnd | 'too_many_entries';
};

class TooManyEntries extends Error {}

export function* readMediaHashList(source: string): InPieces<MediaHashList> {
  const reader = new Reader();
  const done = (end: MediaHashList['end']): MediaHashList => ({
    dialect: reader.dialect,
    entries: reader.entries,
    directories: reader.directories,
    unread: reader.unread,
    end,
  });
  try {
    return done(yield* readXml(source, reader));
  } catch (error) {
    if (error instanceof TooManyEntries) return done('too_many_entries');
    throw error;
  }
}

/**
 * A file is a `hash` inside `hashes` or `hashlist`, or a `hashlist` of the chain. Its path and values are child
 * elements.
 */
class Reader implements XmlHandler {
  dialect: MediaHashList['dialect'] = 'mhl';
  readonly entries: ManifestEntry[] = [];
  directories = 0;
  unread = 0;
  #open: string[] = [];
  #text = '';
  #file: { path: string; sizeBytes: number | null; values: Found[]; isNull: boolean; line: number } | null =
    null;
  #failed = false;

  open(name: string, attributes: ReadonlyMap<string, string>, line: number): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      const isAsc = name === 'ascmhldirectory' || /^2/.test(attributes.get('version') ?? '');
      if (isAsc) this.dialect = 'asc_mhl';
    }
    if (name === 'hashes') this.dialect = 'asc_mhl';
    if (name === 'directoryhash') this.directories += 1;
    const isFile =
      (name === 'hash' && (parent === 'hashes' || parent === 'hashlist')) ||
      (name === 'hashlist' && parent === 'ascmhldirectory');
    if (isFile) this.#file = { path: '', sizeBytes: null, values: [], isNull: false, line };
    if (name === 'path' && this.#file) this.#file.sizeBytes = sizeOf(attributes.get('size'));
    this.#failed = attributes.get('action') === 'failed';
    this.#open.push(name);
    this.#text = '';
  }

  text(text: string): void {
    if (this.#file && this.#text.length < 8192) this.#text += text;
  }

  close(name: string): void {
    this.#open.pop();
    const file = this.#file;
    const parent = this.#open.at(-1);
    if (!file) return;
    if (parent === 'hash' || (parent === 'hashlist' && this.#open.length === 2)) {
      const algorithm = algorithms.get(name);
      const text = this.#text.trim();
      if (name === 'file' || name === 'path') file.path = this.#text.trim();
      else if (name === 'size') file.sizeBytes = sizeOf(text);
      else if (name === 'null') file.isNull = true;
      else if (algorithm) file.values.push({ algorithm, text, failed: this.#failed });
    }
    if ((name === 'hash' && parent !== 'hash') || (name === 'hashlist' && parent === 'ascmhldirectory'))
      this.#end();
  }

  #end(): void {
    const { path, sizeBytes, values, isNull, line } = this.#file!;
    this.#file = null;
    if (path === '') this.unread += 1;
    else if (values.length === 0) {
      if (isNull) this.#add(entryWithoutValue(path, line, sizeBytes));
      else this.unread += 1;
    }
    for (const { algorithm, text, failed } of path === '' ? [] : values) {
      const value = valueOf(algorithm, text);
      const notes = failed ? (['failed_at_source'] as const) : [];
      const entry =
        value === null ? null : entryFrom({ path, value, line, label: algorithm, sizeBytes, notes });
      if (entry) this.#add(entry);
      else this.unread += 1;
    }
  }

  #add(entry: ManifestEntry): void {
    if (this.entries.length === maxManifestEntries) throw new TooManyEntries();
    this.entries.push(entry);
  }
}

/** A 32-bit value may be written in decimal digits. */
function valueOf(algorithm: ChecksumAlgorithm, text: string): string | null {
  if (algorithm !== 'xxh32') return checksumValue(algorithm, text);
  if (/^[0-9a-f]{8}$/i.test(text) && /[a-f]/i.test(text)) return text.toLowerCase();
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return number <= 0xffffffff ? number.toString(16).padStart(8, '0') : null;
}

function sizeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
