/** Compares the hashes of folders that ASC MHL histories state with the files that arrived. */
import { hash } from 'node:crypto';
import { createXXHash128, createXXHash3, createXXHash64 } from 'hash-wasm';
import { eq } from 'drizzle-orm';
import type { Database } from '@turnover/db/open';
import { manifests } from '@turnover/db/schema/manifests';
import { ignoreMatcher } from '@turnover/domain/manifests/ignore-patterns';
import { noFolders, type FolderVerdict } from '@turnover/domain/manifests/list-history';
import {
  differingFolders,
  folderAlgorithms,
  maxFolderFaults,
  type FolderAlgorithm,
  type StatedFolder,
} from '@turnover/domain/manifests/stated-folders';
import {
  DirectoryHasher,
  ignoredNames,
  type DirectoryHashes,
  type HashedDirectory,
  type HashOf,
} from '@turnover/domain/manifests/writing/directory-hashes';
import { c4Digest, c4Id } from '@turnover/domain/media/c4';
import { checksumDigits } from '@turnover/domain/media/checksums';
import { nameKey } from '@turnover/domain/names/names';
import { inTurns, turnsOf } from '../batches.ts';
import type { ComparedFile } from './comparison-rows.ts';
import type { NewestGeneration } from './histories.ts';

/** The verdict on the folders of the newest generation of a history. Files are sorted by the keys of their paths. */
export async function checkFolders(
  db: Database,
  { folder, listId, patterns }: NewestGeneration,
  files: readonly ComparedFile[],
): Promise<FolderVerdict> {
  const stated = statedFolders(db, listId);
  if (stated.length === 0) return noFolders;
  const covered = await filesBelow(folder, patterns, files);
  const algorithm = folderAlgorithms.find(
    (each) =>
      stated.some((one) => one.algorithm === each) && covered.every(({ file }) => isKnown(file, each)),
  );
  if (algorithm === undefined) {
    const isWaiting = covered.some(({ file }) => file.isArriving || file.verdicts.includes('pending'));
    return { ...noFolders, state: isWaiting ? 'pending' : 'unchecked' };
  }
  const compared = stated.filter((one) => one.algorithm === algorithm);
  const faults = differingFolders(compared, await hashesOf(algorithm, covered, compared));
  return {
    state: faults.length > 0 ? 'differs' : 'match',
    compared: compared.length,
    faults: faults.slice(0, maxFolderFaults),
  };
}

function statedFolders(db: Database, listId: string): readonly StatedFolder[] {
  const row = db
    .select({ folders: manifests.folders })
    .from(manifests)
    .where(eq(manifests.fileId, listId))
    .get();
  return row?.folders ?? [];
}

type Covered = { path: string; pathKey: string; file: ComparedFile | null };
type CoveredFile = Covered & { file: ComparedFile };

async function filesBelow(
  folder: string,
  patterns: readonly string[],
  files: readonly ComparedFile[],
): Promise<CoveredFile[]> {
  const covered: CoveredFile[] = [];
  // The hasher leaves out the names that every history ignores.
  const own = patterns.filter((pattern) => !ignoredNames.includes(pattern.replace(/\/$/, '')));
  const match = own.length > 0 ? ignoreMatcher(own) : () => null;
  await inTurns(files, (file) => {
    if (!file.path.startsWith(folder)) return;
    const path = file.path.slice(folder.length);
    const isIgnored = path.split('/').some((name) => ignoredNames.includes(name)) || match(path) !== null;
    if (!isIgnored) covered.push({ path, pathKey: nameKey(path), file });
  });
  return covered;
}

/** A file that no list names changes the hash of its folder, whatever its checksum is. */
function isKnown(file: ComparedFile, algorithm: FolderAlgorithm): boolean {
  return file.checksums.has(algorithm) || (!file.isArriving && file.verdicts.length === 0);
}

/** Keyed by path; the root has an empty one. Values are in the form in which lists state them. */
async function hashesOf(
  algorithm: FolderAlgorithm,
  covered: readonly CoveredFile[],
  stated: readonly StatedFolder[],
): Promise<Map<string, DirectoryHashes>> {
  const hashOf = await hashers[algorithm]();
  const hasher = new DirectoryHasher(hashOf);
  const found = new Map<string, DirectoryHashes>();
  const keep = (ended: readonly HashedDirectory[]) => {
    for (const { path, content, structure } of ended) {
      found.set(nameKey(path), {
        content: written(algorithm, content),
        structure: written(algorithm, structure),
      });
    }
  };
  const unknown = '0'.repeat(checksumDigits[algorithm]);
  function* addAll(): Generator<void, void, void> {
    for (const { path, pathKey, file } of withEmptyFolders(
      covered,
      stated,
      written(algorithm, hashOf(nothing)),
    )) {
      const value = digits(algorithm, file?.checksums.get(algorithm) ?? unknown);
      keep(yield* file ? hasher.add({ path, pathKey, value }) : hasher.addEmpty({ path, pathKey }));
      yield;
    }
    const { ended, root } = yield* hasher.end();
    keep([...ended, { path: '', ...root }]);
  }
  await turnsOf(addAll());
  return found;
}

const nothing = new Uint8Array();

/** A delivery has no empty folders. Those that a list states as empty belong to the hashes of the folders around them. */
function withEmptyFolders(
  covered: readonly CoveredFile[],
  stated: readonly StatedFolder[],
  hashOfNothing: string,
): Covered[] {
  const empty = stated
    .filter(({ path, content }) => path !== '' && content === hashOfNothing)
    .map(({ path }) => ({ path, pathKey: nameKey(path), file: null }));
  if (empty.length === 0) return [...covered];
  const place = ({ pathKey, file }: Covered) => Buffer.from(file ? pathKey : `${pathKey}/`);
  return [...covered, ...empty]
    .map((each) => ({ each, at: place(each) }))
    .toSorted((one, other) => Buffer.compare(one.at, other.at))
    .map(({ each }) => each);
}

const digits = (algorithm: FolderAlgorithm, value: string) =>
  algorithm === 'c4' && value.startsWith('c4') ? c4Digest(value) : value;
const written = (algorithm: FolderAlgorithm, value: string) => (algorithm === 'c4' ? c4Id(value) : value);

type Streaming = { init(): { update(bytes: Uint8Array): { digest(): string } } };
const streaming = async (create: () => Promise<Streaming>): Promise<HashOf> => {
  const hasher = await create();
  return (bytes) => hasher.init().update(bytes).digest();
};
const hashers: Record<FolderAlgorithm, () => Promise<HashOf>> = {
  xxh128: () => streaming(createXXHash128),
  xxh3: () => streaming(createXXHash3),
  xxh64: () => streaming(createXXHash64),
  md5: async () => (bytes) => hash('md5', bytes),
  sha1: async () => (bytes) => hash('sha1', bytes),
  c4: async () => (bytes) => hash('sha512', bytes),
};
