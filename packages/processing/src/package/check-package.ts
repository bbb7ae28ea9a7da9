/** Compares an IMF package with the delivered files: its asset map, its packing lists and its compositions. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { maxImfDocumentBytes } from '@turnover/domain/media/imf-documents';
import { mediaProblems, type MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageInput } from '@turnover/domain/media/stages';
import { decodeText } from '@turnover/domain/text-encodings';
import { checkComposition } from './check-composition.ts';
import { checkDolbyVision } from './check-dolby-vision.ts';
import { readPackageDocument, type PackageDocument } from './documents.ts';

type Sibling = StageInput['siblings'][number];
type PackedFile = { id: string; path: string; isPackingList: boolean; file: Sibling | null };
type Read = { name: string; sha1: string; isChecksumList: boolean; document: PackageDocument | null };

export type CheckedPackage = { facts: Record<string, string | number>; problems: MediaProblem[] };

/** Returns null when the file is not a readable asset map. */
export function checkPackage(input: Pick<StageInput, 'path' | 'name' | 'siblings'>): CheckedPackage | null {
  const { siblings } = input;
  const map = read({ name: input.name, path: input.path, isChecksumList: false }).document;
  if (map?.kind !== 'assetmap') return null;
  const find = finder(input.name, siblings);
  const packed = map.assets.map((asset): PackedFile => ({ ...asset, file: find(asset.path) }));
  const documents = new Map(
    packed.flatMap(({ id, file }) =>
      file?.path && file.sizeBytes <= maxImfDocumentBytes
        ? [[id, read({ ...file, path: file.path })] as const]
        : [],
    ),
  );
  const ofKind = <Kind extends PackageDocument['kind']>(kind: Kind) =>
    [...documents.values()].flatMap(({ name, isChecksumList, document }) =>
      document?.kind === kind
        ? [
            {
              name: lastPart(name),
              isChecksumList,
              document: document as Extract<PackageDocument, { kind: Kind }>,
            },
          ]
        : [],
    );
  const [lists, compositions] = [ofKind('packing_list'), ofKind('composition')];
  const own = new Set([...packed, ...lists.flatMap(({ document }) => document.assets)].map(({ id }) => id));
  const played = compositions.flatMap(({ document }) =>
    document.sequences.flatMap(({ resources }) => resources),
  );
  const tracks = new Set(played.flatMap(({ trackFileId }) => trackFileId ?? []));
  const elsewhere = [...tracks].filter((id) => !own.has(id));
  // The hub compares most packing lists as checksum lists, so what those state about a file is not said here again.
  const ownLists = lists.filter(({ isChecksumList }) => !isChecksumList);
  const stated = new Set(
    lists.flatMap(({ isChecksumList, document }) =>
      isChecksumList ? document.assets.map(({ id }) => id) : [],
    ),
  );
  const problems: MediaProblem[] = [
    ...missingFiles(packed.filter(({ id }) => !stated.has(id))),
    ...damagedDocuments(packed, documents),
    ...(lists.length === 0 ? [{ code: 'package_no_list' } as const] : []),
    ...ownLists.flatMap(({ name, document }) => checkList(name, document.assets, packed, documents)),
    ...compositions.flatMap(({ name, document }) => checkComposition(document, name)),
    ...checkDolbyVision(
      siblings,
      compositions.map(({ document }) => document),
    ),
    ...(elsewhere.length > 0
      ? [{ code: 'package_supplements', measured: `${elsewhere.length}`, wanted: elsewhere[0]! } as const]
      : []),
  ];
  const languages = [...new Set(compositions.flatMap(({ document }) => document.languages))].join(', ');
  const rank = ({ code }: MediaProblem) => ['error', 'warning', 'note'].indexOf(mediaProblems[code].severity);
  return {
    facts: {
      files: packed.length,
      compositions: compositions.length,
      trackFiles: tracks.size,
      elsewhere: elsewhere.length,
      ...(languages === '' ? {} : { languages: languages.slice(0, 200) }),
    },
    problems: problems.toSorted((one, other) => rank(one) - rank(other)),
  };
}

/**
 * Returns a function that finds files. Files are beside the map under the path that it states; or the delivery is flat,
 * and only names count.
 */
function finder(mapName: string, siblings: readonly Sibling[]): (path: string) => Sibling | null {
  const folder = mapName.slice(0, mapName.length - lastPart(mapName).length);
  const [byPath, byName] = [new Map<string, Sibling>(), new Map<string, Sibling>()];
  for (const sibling of siblings) {
    byPath.set(sibling.name.toLowerCase(), sibling);
    byName.set(lastPart(sibling.name).toLowerCase(), sibling);
  }
  return (path) =>
    byPath.get(`${folder}${decoded(path)}`.toLowerCase()) ??
    byName.get(lastPart(decoded(path)).toLowerCase()) ??
    null;
}

/** Decodes the paths of an asset map, which are URLs: `%20` is a space. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Never throws. A file that was removed meanwhile counts as unreadable. */
function read({ name, path, isChecksumList }: Omit<Read, 'sha1' | 'document'> & { path: string }): Read {
  try {
    const bytes = readFileSync(path);
    const decodedText = decodeText(bytes);
    return {
      name,
      isChecksumList,
      sha1: createHash('sha1').update(bytes).digest('hex'),
      document: 'text' in decodedText ? readPackageDocument(decodedText.text) : null,
    };
  } catch {
    return { name, isChecksumList, sha1: '', document: null };
  }
}

function missingFiles(packed: readonly PackedFile[]): MediaProblem[] {
  return packed
    .filter(({ file }) => file === null)
    .map(({ path }) => ({ code: 'package_file_missing', measured: path.slice(0, 200) }));
}

/**
 * Returns the damaged documents. Only a packing list is known to be a document of the package; other XML may be
 * anything.
 */
function damagedDocuments(
  packed: readonly PackedFile[],
  documents: ReadonlyMap<string, Read>,
): MediaProblem[] {
  return packed.flatMap(({ id, path, file, isPackingList }): MediaProblem[] => {
    const isRead = documents.get(id)?.document?.kind === 'packing_list';
    if (!isPackingList || file === null || isRead) return [];
    return [{ code: 'package_list_unreadable', measured: path.slice(0, 200) }];
  });
}

function checkList(
  list: string,
  assets: Extract<PackageDocument, { kind: 'packing_list' }>['assets'],
  packed: readonly PackedFile[],
  documents: ReadonlyMap<string, Read>,
): MediaProblem[] {
  const byId = new Map(packed.map((each) => [each.id, each]));
  return assets.flatMap(({ id, sizeBytes, sha1 }): MediaProblem[] => {
    const asset = byId.get(id);
    if (!asset) return [{ code: 'package_not_mapped', measured: id, wanted: list.slice(0, 200) }];
    const { file } = asset;
    if (file === null) return [];
    const measured = lastPart(file.name).slice(0, 200);
    if (sizeBytes !== null && sizeBytes !== file.sizeBytes) {
      return [
        {
          code: 'package_size_differs',
          measured: `${measured.slice(0, 160)} (${file.sizeBytes} B)`,
          wanted: `${sizeBytes} B`,
        },
      ];
    }
    const found = documents.get(id)?.sha1 ?? file.sha1;
    return sha1 === null || !found || found === sha1
      ? []
      : [{ code: 'package_hash_differs', measured, wanted: list.slice(0, 200) }];
  });
}
