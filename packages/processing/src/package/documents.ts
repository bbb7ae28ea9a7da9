/** Reads the documents of an IMF package: asset map (SMPTE ST 429-9), packing list (ST 2067-2), composition (ST 2067-3). */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml } from '@turnover/domain/manifests/xml';

export type Resource = {
  trackFileId: string | null;
  /** As written: `24000 1001`; null when the composition's rate applies. */
  editRate: string | null;
  entry: number;
  intrinsic: number | null;
  source: number | null;
  repeats: number;
};
export type Sequence = { kind: string; segment: number; resources: Resource[] };

export type PackageDocument =
  | { kind: 'assetmap'; id: string; assets: { id: string; path: string; isPackingList: boolean }[] }
  | {
      kind: 'packing_list';
      id: string;
      assets: { id: string; sizeBytes: number | null; sha1: string | null }[];
    }
  | {
      kind: 'composition';
      id: string;
      title: string;
      editRate: string | null;
      sequences: Sequence[];
      sampleRates: string[];
      languages: string[];
    };

const roots: Record<string, PackageDocument['kind']> = {
  AssetMap: 'assetmap',
  PackingList: 'packing_list',
  CompositionPlaylist: 'composition',
};
const maxItems = 20_000;
const maxTextLength = 1000;

type Fields = Record<string, string>;

/** Returns null for other or damaged documents. */
export function readPackageDocument(text: string): PackageDocument | null {
  const path: { name: string; text: string }[] = [];
  const head: Fields = {};
  const assets: Fields[] = [];
  const sequences: Sequence[] = [];
  const [sampleRates, languages] = [new Set<string>(), new Set<string>()];
  let [segment, item]: [number, Fields | null] = [0, null];
  let root = '';

  const end = atOnce(
    readXml(text, {
      open: (name) => {
        if (root === '') root = name;
        if (name === 'Segment') segment += 1;
        if (name.endsWith('Sequence') && sequences.length < maxItems) {
          sequences.push({ kind: name, segment, resources: [] });
        }
        if (name === 'Asset' || name === 'Resource') item = {};
        path.push({ name, text: '' });
      },
      text: (piece) => {
        const here = path.at(-1)!;
        here.text = (here.text + piece).slice(0, maxTextLength);
      },
      close: () => {
        const { name, text: value } = path.pop()!;
        if (name === 'Asset') {
          if (item && assets.length < maxItems) assets.push(item);
          item = null;
        } else if (name === 'Resource') {
          if (item && (sequences.at(-1)?.resources.length ?? maxItems) < maxItems) {
            sequences.at(-1)!.resources.push(resourceOf(item));
          }
          item = null;
        } else if (item) item[name] ??= value.trim();
        else if (path.length === 1) head[name] ??= value.trim();
        else if (name === 'AudioSampleRate') sampleRates.add(value.trim());
        else if (name === 'RFC5646SpokenLanguage' || name === 'RFC5646LanguageTagList') {
          languages.add(value.trim());
        }
      },
    }),
  );
  const kind = Object.hasOwn(roots, root) ? roots[root]! : null;
  const id = uuidIn(head.Id);
  if (end !== 'complete' || kind === null || id === null) return null;
  const known = assets.flatMap((fields) => {
    const assetId = uuidIn(fields.Id);
    return assetId === null ? [] : [{ id: assetId, fields }];
  });
  if (kind === 'assetmap') {
    return {
      kind,
      id,
      assets: known
        .filter(({ fields }) => (fields.Path ?? '') !== '')
        .map(({ id: assetId, fields }) => ({
          id: assetId,
          path: fields.Path!.replace(/^file:\/{2,3}/, ''),
          isPackingList: fields.PackingList === 'true',
        })),
    };
  }
  if (kind === 'packing_list') {
    return {
      kind,
      id,
      assets: known.map(({ id: assetId, fields }) => ({
        id: assetId,
        sizeBytes: wholeIn(fields.Size),
        sha1: sha1In(fields.Hash),
      })),
    };
  }
  return {
    kind,
    id,
    title: (head.ContentTitle ?? '').slice(0, 200),
    editRate: head.EditRate ?? null,
    sequences: sequences.filter(({ resources }) => resources.length > 0),
    sampleRates: [...sampleRates],
    languages: [...languages].filter((each) => each !== '').slice(0, 100),
  };
}

function resourceOf(fields: Fields): Resource {
  return {
    trackFileId: uuidIn(fields.TrackFileId),
    editRate: fields.EditRate ?? null,
    entry: wholeIn(fields.EntryPoint) ?? 0,
    intrinsic: wholeIn(fields.IntrinsicDuration),
    source: wholeIn(fields.SourceDuration),
    repeats: wholeIn(fields.RepeatCount) ?? 1,
  };
}

function uuidIn(text: string | undefined): string | null {
  const id = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text ?? '')?.[1];
  return id === undefined ? null : id.toLowerCase();
}

function wholeIn(text: string | undefined): number | null {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null;
}

/** Returns the hash in hexadecimal; null for other lengths, such as that of SHA-256. */
function sha1In(base64: string | undefined): string | null {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return bytes.length === 20 ? bytes.toString('hex') : null;
}
