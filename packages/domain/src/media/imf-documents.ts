/**
 * Documents of an Interoperable Master Package, as far as a delivery needs them: the files that an ASSETMAP lists
 * (SMPTE ST 429-9), that a packing list packs (ST 2067-2) and that a composition plays (ST 2067-3). File names do not
 * matter, because the standards allow any name.
 */
import { lastSegment } from '../names/names.ts';

/**
 * Larger documents are not read, because reading one must not block the process. A composition with hundreds of cuts
 * has some 100 kB.
 */
export const maxImfDocumentBytes = 2_000_000;

export type ImfDocument =
  | { kind: 'assetmap'; id: string; assets: { id: string; path: string }[] }
  | { kind: 'packing_list'; id: string; assets: string[] }
  | { kind: 'composition'; id: string; title: string; tracks: string[] };

/** Returns true for a small XML file, and for the two names without an extension. */
export function mayBeImfDocument(path: string, sizeBytes: number): boolean {
  const name = lastSegment(path);
  return sizeBytes > 0 && sizeBytes <= maxImfDocumentBytes && /\.xml$|^(?:assetmap|volindex)$/i.test(name);
}

/** Recognises an asset map by its name, which the standards allow only for this document. */
export function isAssetMap(path: string): boolean {
  return /^assetmap(?:\.xml)?$/i.test(lastSegment(path));
}

const maxIds = 20_000;

const roots = {
  AssetMap: 'assetmap',
  PackingList: 'packing_list',
  CompositionPlaylist: 'composition',
} as const;

/** Returns null for other documents. Ignores document types and entities, and expands nothing. */
export function readImfDocument(text: string): ImfDocument | null {
  let kind: ImfDocument['kind'] | null = null;
  let id: string | null = null;
  let title: string | null = null;
  let asset: { id: string | null; path: string } | null = null;
  const assets: { id: string; path: string }[] = [];
  const tracks = new Set<string>();
  for (const { name, isEnd, value } of elementsIn(text)) {
    if (kind === null) {
      if (!Object.hasOwn(roots, name)) return null;
      kind = roots[name as keyof typeof roots];
    } else if (isEnd) {
      if (name !== 'Asset' || !asset) continue;
      if (asset.id && assets.length < maxIds) assets.push({ id: asset.id, path: asset.path });
      asset = null;
    } else if (name === 'Asset') asset = { id: null, path: '' };
    else if (name === 'Id' && asset) asset.id ??= idIn(value);
    else if (name === 'Id') id ??= idIn(value);
    else if (name === 'Path' && asset) asset.path ||= plain(value).replace(/^file:\/{2,3}/, '');
    else if (name === 'ContentTitle') title ??= plain(value).slice(0, maxTitle);
    else if (name === 'TrackFileId' && tracks.size < maxIds) {
      const track = idIn(value);
      if (track) tracks.add(track);
    }
  }
  if (id === null || kind === null) return null;
  if (kind === 'assetmap') return { kind, id, assets: assets.filter(({ path }) => path !== '') };
  if (kind === 'packing_list') return { kind, id, assets: assets.map((each) => each.id) };
  return { kind, id, title: title ?? '', tracks: [...tracks] };
}

const maxTitle = 200;
const longestName = 200;

/**
 * Yields each start and end of an element without its prefix, and the text after a start. Reads every character once.
 */
function* elementsIn(xml: string): Generator<{ name: string; isEnd: boolean; value: string }> {
  for (let at = xml.indexOf('<'); at !== -1;) {
    const closing = xml.startsWith('<!--', at) ? '-->' : xml.startsWith('<?', at) ? '?>' : '>';
    const end = xml.indexOf(closing, at);
    if (end === -1) return;
    const from = end + closing.length;
    const next = xml.indexOf('<', from);
    const match = /^<(\/?)(?:[\w.-]+:)?([\w-]+)/.exec(xml.slice(at, Math.min(end, at + longestName)));
    if (match) {
      const isEmpty = xml[end - 1] === '/' || next === -1;
      yield { name: match[2]!, isEnd: match[1] === '/', value: isEmpty ? '' : xml.slice(from, next) };
    }
    at = next;
  }
}

export type ImfPackage = {
  /** The id of the packing list, which serves as the id of the package. */
  id: string | null;
  title: string | null;
  /**
   * Track files that compositions play but that no packing list or asset map of the delivery contains: they are in
   * another package.
   */
  elsewhere: string[];
  /** Files that the delivery lists but does not contain. */
  missing: { id: string; path: string }[];
};

/** Returns the package that the documents of a delivery describe; null when there is no composition. */
export function imfPackageOf(documents: readonly ImfDocument[], paths: readonly string[]): ImfPackage | null {
  const compositions = documents.filter((each) => each.kind === 'composition');
  if (compositions.length === 0) return null;
  const maps = documents.filter((each) => each.kind === 'assetmap');
  const lists = documents.filter((each) => each.kind === 'packing_list');
  const own = new Set([
    ...maps.flatMap(({ assets }) => assets.map(({ id }) => id)),
    ...lists.flatMap(({ assets }) => assets),
  ]);
  const names = new Set(paths.map(nameOf));
  return {
    id: lists[0]?.id ?? maps[0]?.id ?? null,
    title: compositions[0]!.title || null,
    elsewhere: [...new Set(compositions.flatMap(({ tracks }) => tracks))].filter((id) => !own.has(id)),
    missing: maps.flatMap(({ assets }) => assets).filter(({ path }) => !names.has(nameOf(path))),
  };
}

/**
 * Returns the name to compare. Folders are ignored, because a delivery may be flat although its map has folders, or the
 * other way round.
 */
function nameOf(path: string): string {
  return lastSegment(path).toLowerCase();
}

function idIn(text: string | undefined): string | null {
  const id = /^\s*urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/i.exec(text ?? '')?.[1];
  return id === undefined ? null : id.toLowerCase();
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!).trim();
}
