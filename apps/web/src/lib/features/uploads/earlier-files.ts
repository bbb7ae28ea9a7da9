/**
 * Compares chosen files with earlier rounds before the upload: by name and size, by the checksum lists among them, and
 * by hashing the files that only a hash can identify.
 */
import type { Checksum } from '@turnover/domain/media/checksums';
import { parseChecksum } from '@turnover/domain/media/checksums';
import { atOnce, type ManifestEntry } from '@turnover/domain/manifests/manifest';
import { FileIndex, matchEntries } from '@turnover/domain/manifests/matching';
import { isManifestName } from '@turnover/domain/manifests/names';
import { readManifest } from '@turnover/domain/manifests/reading';
import {
  maxFilesCompared,
  type FileToCompare,
  type KnownFileView,
} from '@turnover/domain/requests/known-files';
import type { ChosenFile } from './target.ts';

/** `byList`: a checksum list states the value, so the file itself was not read. */
export type KnownFile = KnownFileView & { byList: boolean };
/** Keyed by file object, because the path may change later. */
export type KnownFiles = ReadonlyMap<File, KnownFile>;

type Ways = {
  compare: (files: FileToCompare[]) => Promise<readonly KnownFileView[]>;
  /** Returns `algorithm:value`; null for a file that cannot be read. */
  hash: (file: File, onprogress: (fraction: number) => void) => Promise<string | null>;
  /** Called with the number of hashed bytes, and of all bytes to hash. */
  onprogress: (done: number, total: number) => void;
  /** Returns true when the person skips the rest: files unknown by then count as new. */
  isSkipped: () => boolean;
};

/** Size limit of a list that the page reads completely. Only the hub reads longer lists. */
const maxListBytes = 4 * 1024 * 1024;
const maxLists = 20;
/** The number of hashes in one query. */
const hashesPerQuestion = 50;

export async function compareWithEarlier(chosen: readonly ChosenFile[], ways: Ways): Promise<KnownFiles> {
  const known = new Map<File, KnownFile>();
  const stated = await checksumsInLists(chosen);
  const ask = async (
    files: readonly ChosenFile[],
    checksumsOf: (file: ChosenFile) => Checksum[],
    byList: boolean,
  ) => {
    for (let from = 0; from < files.length && !ways.isSkipped(); from += maxFilesCompared) {
      const page = files.slice(from, from + maxFilesCompared);
      const views = await ways.compare(
        page.map((each) => ({
          path: each.relativePath,
          sizeBytes: each.file.size,
          checksums: checksumsOf(each),
        })),
      );
      for (const [index, each] of page.entries()) {
        const hadList = byList && (stated.get(each)?.length ?? 0) > 0;
        known.set(each.file, { ...views[index]!, byList: hadList });
      }
    }
  };
  await ask(chosen, (each) => stated.get(each) ?? [], true);
  const unsure = chosen.filter(({ file }) => known.get(file)?.is === 'maybe');
  await hashAll(unsure, ways, (files, hashes) =>
    ask(files, (each) => [hashes.get(each)].filter((hash) => hash !== undefined), false),
  );
  return known;
}

async function hashAll(
  unsure: readonly ChosenFile[],
  { hash, onprogress, isSkipped }: Ways,
  ask: (files: readonly ChosenFile[], hashes: ReadonlyMap<ChosenFile, Checksum>) => Promise<void>,
): Promise<void> {
  const total = unsure.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  for (let from = 0; from < unsure.length && !isSkipped(); from += hashesPerQuestion) {
    const hashes = new Map<ChosenFile, Checksum>();
    for (const each of unsure.slice(from, from + hashesPerQuestion)) {
      if (isSkipped()) break;
      const { file } = each;
      const written = await hash(file, (fraction) => onprogress(done + fraction * file.size, total));
      done += file.size;
      onprogress(done, total);
      const checksum = written === null ? null : parseChecksum(written);
      if (checksum) hashes.set(each, checksum);
    }
    if (!isSkipped() && hashes.size > 0) await ask([...hashes.keys()], hashes);
  }
}

/**
 * Returns the checksums that lists among the files state about the others. When several values are stated for one file,
 * none counts.
 */
async function checksumsInLists(chosen: readonly ChosenFile[]): Promise<Map<ChosenFile, Checksum[]>> {
  const lists = chosen
    .filter(({ file, relativePath }) => isManifestName(relativePath) && file.size <= maxListBytes)
    .slice(0, maxLists);
  const stated = new Map<ChosenFile, Checksum[]>();
  if (lists.length === 0) return stated;
  const listed = chosen.map(({ relativePath }, index) => ({ id: String(index), path: relativePath }));
  const index = atOnce(FileIndex.of(listed));
  for (const list of lists) {
    const reading = readManifest(new Uint8Array(await list.file.arrayBuffer()), { path: list.relativePath });
    if (reading.kind !== 'list') continue;
    const own = listed[chosen.indexOf(list)]!;
    const matched = atOnce(
      matchEntries(
        own,
        reading.entries.map(({ path }) => path),
        index,
      ),
    );
    for (const entry of reading.entries) {
      const id = matched.get(entry.path)?.fileId;
      const checksum = checksumOf(entry);
      if (id === undefined || id === null || !checksum) continue;
      const file = chosen[Number(id)]!;
      stated.set(file, [...(stated.get(file) ?? []), checksum]);
    }
  }
  for (const [file, checksums] of stated) {
    if (checksums.length > 4 || contradicts(checksums)) stated.delete(file);
  }
  return stated;
}

/** Returns a value only when its algorithm is certain, because a guess would compare two different things. */
function checksumOf({ algorithms, value }: ManifestEntry): Checksum | null {
  const [algorithm, ...others] = algorithms;
  return algorithm && others.length === 0 && value !== '' ? { algorithm, value } : null;
}

function contradicts(checksums: readonly Checksum[]): boolean {
  const values = Map.groupBy(checksums, ({ algorithm }) => algorithm);
  return [...values.values()].some((each) => new Set(each.map(({ value }) => value)).size > 1);
}

/** What to do with a file whose bytes are known: leave it out, take it over from its round, or send it. */
export type KnownFate = 'leave' | 'takeOver' | 'send';

/**
 * Decides about a known file. Files that are present or that the house sent back are left out, unless the person wants
 * them. Files of an earlier round are taken over.
 */
export function fateOf({ earlier }: Pick<KnownFileView, 'earlier'>, isWanted: boolean): KnownFate {
  if (earlier === null) return 'send';
  const isLeftOut = earlier.isThere || earlier.reasons.length > 0;
  if (isLeftOut && !isWanted) return 'leave';
  return earlier.canTakeOver ? 'takeOver' : 'send';
}

/** Returns the known files with the same bytes, beginning with those that were sent back. */
export function sameFiles(
  chosen: readonly ChosenFile[],
  known: KnownFiles,
): { chosen: ChosenFile; known: KnownFile }[] {
  return chosen
    .flatMap((each) => {
      const found = known.get(each.file);
      return found?.is === 'same' ? [{ chosen: each, known: found }] : [];
    })
    .toSorted((one, other) => sentBack(other.known) - sentBack(one.known));
}

function sentBack({ earlier }: KnownFile): number {
  return (earlier?.reasons.length ?? 0) > 0 ? 1 : 0;
}
