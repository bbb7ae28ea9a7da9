/** Media hash lists: MHL 1.0 and 1.1, ASC MHL 2.0, and the chain that lists the generations of an ASC MHL history. */
import { checksumValue, type ChecksumAlgorithm } from '../media/checksums.ts';
import { addPerson, nobody, statedText, statedTime, type ManifestCreator } from './creator.ts';
import { entryFrom, entryWithoutValue, tidyPath } from './entries.ts';
import { maxIgnorePatterns } from './ignore-patterns.ts';
import { maxManifestEntries, type InPieces, type ManifestDialect, type ManifestEntry } from './manifest.ts';
import { FolderReader } from './folder-reader.ts';
import type { StatedFolder } from './stated-folders.ts';
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

type Found = { algorithm: ChecksumAlgorithm; text: string; failed: boolean; at: number | null };

/** An XML list of any kind. */
export type XmlList = {
  dialect: Extract<ManifestDialect, 'mhl' | 'asc_mhl' | 'imf_pkl'>;
  entries: ManifestEntry[];
  folders: readonly StatedFolder[];
  unread: number;
  creator: ManifestCreator;
  ignores: readonly string[];
  end: XmlEnd | 'too_many_entries';
};

class TooManyEntries extends Error {}

export function* readMediaHashList(source: string): InPieces<XmlList> {
  const reader = new Reader();
  const done = (end: XmlList['end']): XmlList => ({
    dialect: reader.dialect,
    entries: reader.entries,
    folders: reader.folders.stated,
    unread: reader.unread,
    creator: reader.creator,
    ignores: reader.ignores,
    end,
  });
  try {
    return done(yield* readXml(source, reader));
  } catch (error) {
    if (error instanceof TooManyEntries) return done('too_many_entries');
    throw error;
  }
}

type FileElement = {
  path: string;
  sizeBytes: number | null;
  values: Found[];
  isNull: boolean;
  line: number;
  previousPath: string;
  /** The sequence number of a generation in the chain. */
  number: string;
  at: number | null;
};

/**
 * A file is a `hash` inside `hashes` or `hashlist`, a `hashlist` of the chain, or a `hashlistreference` to the list of a
 * history inside this one. Its path and values are child elements.
 */
class Reader implements XmlHandler {
  dialect: XmlList['dialect'] = 'mhl';
  readonly creator = nobody();
  readonly ignores: string[] = [];
  readonly entries: ManifestEntry[] = [];
  readonly folders = new FolderReader();
  unread = 0;
  #open: string[] = [];
  #text = '';
  #file: FileElement | null = null;
  #failed = false;
  #attributes: ReadonlyMap<string, string> = new Map();

  open(name: string, attributes: ReadonlyMap<string, string>, line: number): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      const isAsc = name === 'ascmhldirectory' || /^2/.test(attributes.get('version') ?? '');
      if (isAsc) this.dialect = 'asc_mhl';
    }
    if (name === 'hashes') this.dialect = 'asc_mhl';
    this.folders.open(name, parent);
    const isFile =
      (name === 'hash' && (parent === 'hashes' || parent === 'hashlist')) ||
      (name === 'hashlist' && parent === 'ascmhldirectory') ||
      (name === 'hashlistreference' && parent === 'references');
    if (isFile) {
      const number = name === 'hashlist' ? (attributes.get('sequencenr') ?? '').slice(0, 20) : '';
      const nothing = { path: '', sizeBytes: null, previousPath: '', at: null };
      this.#file = { ...nothing, values: [], isNull: false, line, number };
    }
    if (name === 'path' && this.#file) this.#file.sizeBytes = sizeOf(attributes.get('size'));
    this.#failed = attributes.get('action') === 'failed';
    this.#attributes = attributes;
    this.#open.push(name);
    this.#text = '';
  }

  text(text: string): void {
    if (this.#text.length < 8192) this.#text += text;
  }

  close(name: string): void {
    this.#open.pop();
    const file = this.#file;
    const parent = this.#open.at(-1);
    if (!file) {
      this.#endOfFolderPart(name, parent);
      return this.#endOfHead(name, parent);
    }
    if (
      parent === 'hash' ||
      parent === 'hashlistreference' ||
      (parent === 'hashlist' && this.#open.length === 2)
    ) {
      const algorithm = algorithms.get(name);
      const text = this.#text.trim();
      if (name === 'file' || name === 'path') file.path = this.#text.trim();
      else if (name === 'size') file.sizeBytes = sizeOf(text);
      else if (name === 'null') file.isNull = true;
      else if (name === 'previousPath') file.previousPath = text;
      else if (name === 'hashdate') file.at = statedTime(text);
      else if (algorithm) {
        const at = statedTime(this.#attributes.get('hashdate') ?? '');
        file.values.push({ algorithm, text, failed: this.#failed, at });
      }
    }
    if (
      (name === 'hash' && parent !== 'hash') ||
      (name === 'hashlist' && parent === 'ascmhldirectory') ||
      (name === 'hashlistreference' && parent === 'references')
    )
      this.#end();
  }

  #endOfFolderPart(name: string, parent: string | undefined): void {
    const text = this.#text.trim();
    const algorithm = algorithms.get(name);
    const value = algorithm === undefined || this.#failed ? null : valueOf(algorithm, text);
    this.folders.close(name, parent, text, value);
  }

  /** Handles the end of an element outside the entries, which describes the list as a whole. */
  #endOfHead(name: string, parent: string | undefined): void {
    const { creator } = this;
    const text = this.#text;
    this.#text = '';
    if (parent === 'ignore' && name === 'pattern') {
      if (this.ignores.length < maxIgnorePatterns && text.trim() !== '') this.ignores.push(text.trim());
    } else if (parent === 'author' && name === 'name') addPerson(creator, text);
    if (parent !== 'creatorinfo') return;
    switch (name) {
      case 'tool':
        creator.tool = statedText(`${text} ${this.#attributes.get('version') ?? ''}`);
        break;
      case 'hostname':
        creator.host = statedText(text);
        break;
      case 'author':
      case 'name':
      case 'username':
        addPerson(creator, text);
        break;
      case 'creationdate':
      case 'startdate':
        creator.at = statedTime(text);
        break;
      case 'location':
        creator.location = statedText(text);
        break;
      case 'comment':
        creator.comment = statedText(text);
        break;
    }
  }

  #end(): void {
    const { path, sizeBytes, values, isNull, line, previousPath, number, at } = this.#file!;
    this.#file = null;
    const before = previousPath === '' ? '' : tidyPath(previousPath).path;
    if (path === '') this.unread += 1;
    else if (values.length === 0) {
      if (isNull) this.#add(entryWithoutValue(path, line, sizeBytes));
      else this.unread += 1;
    }
    for (const { algorithm, text, failed, at: ownAt } of path === '' ? [] : values) {
      const value = valueOf(algorithm, text);
      const computedAt = ownAt ?? at;
      const notes = failed ? (['failed_at_source'] as const) : [];
      const entry =
        value === null ? null : entryFrom({ path, value, line, label: algorithm, sizeBytes, notes });
      if (!entry) {
        this.unread += 1;
        continue;
      }
      this.#add({
        ...entry,
        ...(before === '' ? {} : { previousPath: before }),
        ...(computedAt === null ? {} : { computedAt }),
        ...(number === '' ? {} : { stated: number }),
      });
    }
  }

  #add(entry: ManifestEntry): void {
    if (this.entries.length === maxManifestEntries) throw new TooManyEntries();
    this.entries.push(entry);
  }
}

/** Converts a value to hexadecimal digits; a 32-bit value may be written in decimal digits. */
function valueOf(algorithm: ChecksumAlgorithm, text: string): string | null {
  if (algorithm !== 'xxh32') return checksumValue(algorithm, text);
  if (/^[0-9a-f]{8}$/i.test(text) && /[a-f]/i.test(text)) return text.toLowerCase();
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return number <= 0xffffffff ? number.toString(16).padStart(8, '0') : null;
}

function sizeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
