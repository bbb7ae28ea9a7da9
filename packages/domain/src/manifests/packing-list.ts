/** Packing lists of IMF and DCP (SMPTE ST 2067-2, ST 429-8). They name assets by id; an asset map states the paths. */
import { checksumValue } from '../media/checksums.ts';
import { nobody, statedText, statedTime } from './creator.ts';
import { entryFrom, entryWithoutValue } from './entries.ts';
import { maxManifestEntries, type InPieces, type ManifestEntry } from './manifest.ts';
import type { XmlList } from './media-hash-list.ts';
import { readXml, type XmlHandler } from './xml.ts';

export function looksLikePackingList(text: string): boolean {
  return /<(?:[\w.-]+:)?PackingList[\s>/]/.test(text.slice(0, 16_384));
}

export function* readPackingList(source: string): InPieces<XmlList> {
  const reader = new Reader();
  const end = yield* readXml(source, reader);
  const { entries, unread, creator } = reader;
  return {
    dialect: 'imf_pkl',
    entries: entries.slice(0, maxManifestEntries),
    folders: [],
    unread,
    creator,
    // A package also contains these files, but its packing list never names them.
    ignores: ['/ASSETMAP', '/ASSETMAP.xml', '/VOLINDEX', '/VOLINDEX.xml'],
    end: entries.length > maxManifestEntries ? 'too_many_entries' : end,
  };
}

const longestText = 8192;

class Reader implements XmlHandler {
  readonly entries: ManifestEntry[] = [];
  readonly creator = nobody();
  unread = 0;
  #open: string[] = [];
  #text = '';
  #asset: Map<string, string> | null = null;
  #line = 0;

  open(name: string, _attributes: ReadonlyMap<string, string>, line: number): void {
    if (name === 'Asset' && this.#open.at(-1) === 'AssetList') {
      this.#asset = new Map();
      this.#line = line;
    }
    this.#open.push(name);
    this.#text = '';
  }

  text(text: string): void {
    if (this.#text.length < longestText) this.#text += text;
  }

  close(name: string): void {
    this.#open.pop();
    const text = this.#text.trim();
    const parent = this.#open.at(-1);
    this.#text = '';
    if (name === 'Asset' && this.#asset) this.#end(this.#asset);
    else if (parent === 'Asset' && !this.#asset?.has(name)) this.#asset?.set(name, text);
    else if (parent === 'PackingList' && this.#open.length === 1) this.#addCreator(name, text);
  }

  #addCreator(name: string, text: string): void {
    if (name === 'Creator') this.creator.tool = statedText(text);
    else if (name === 'Issuer') {
      const issuer = statedText(text);
      if (issuer !== null) this.creator.people.push(issuer);
    } else if (name === 'IssueDate') this.creator.at = statedTime(text);
    else if (name === 'AnnotationText') this.creator.comment = statedText(text);
  }

  #end(fields: ReadonlyMap<string, string>): void {
    this.#asset = null;
    const id = assetIdIn(fields.get('Id') ?? '');
    if (id === null || this.entries.length > maxManifestEntries) {
      this.unread += 1;
      return;
    }
    const path = fields.get('OriginalFileName') ?? '';
    const size = fields.get('Size') ?? '';
    const sizeBytes = /^\d{1,15}$/.test(size) ? Number(size) : null;
    const found = hashIn(fields.get('Hash') ?? '');
    const line = this.#line;
    const entry =
      found === null
        ? entryWithoutValue(path, line, sizeBytes)
        : entryFrom({ path, line, sizeBytes, label: found.algorithm, value: found.value });
    if (entry === null) this.unread += 1;
    else {
      // An asset without a name here gets its path from the asset map.
      const notes = entry.notes.filter((note) => note !== 'no_name');
      this.entries.push({ ...entry, notes, stated: `${id} ${entry.path}`.trim() });
    }
  }
}

/**
 * Algorithms by length in bytes. The length decides, because packages label SHA-256 as SHA-1 and the other way round.
 */
const algorithms = new Map([
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
] as const);

function hashIn(base64: string) {
  if (!/^[A-Za-z0-9+/]{20,90}={0,2}$/.test(base64)) return null;
  const bytes = Uint8Array.from(atob(base64.replace(/=+$/, '')), (letter) => letter.charCodeAt(0));
  const algorithm = algorithms.get(bytes.length as 20);
  if (algorithm === undefined) return null;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const value = checksumValue(algorithm, digits);
  return value === null ? null : { algorithm, value };
}

function assetIdIn(text: string): string | null {
  const id = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text)?.[1];
  return id?.toLowerCase() ?? null;
}
