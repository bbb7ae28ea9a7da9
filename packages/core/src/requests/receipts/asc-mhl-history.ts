/** The ASC MHL history of a request: one generation for each submitted round. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { createXXHash128 } from 'hash-wasm';
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import {
  ascMhl,
  ascMhlChain,
  generationName,
  type AscMhlFile,
} from '@turnover/domain/manifests/writing/asc-mhl';
import {
  DirectoryHasher,
  type DirectoryHashes,
  type HashedDirectory,
  type HashOf,
} from '@turnover/domain/manifests/writing/directory-hashes';
import { checksumOf } from '@turnover/domain/manifests/writing/listed-file';
import { c4Id } from '@turnover/domain/media/c4';
import type { DeliveryRequest } from '../../access.ts';
import { turnsOf } from '../../batches.ts';
import type { Context } from '../../context.ts';
import { hasChecksums, hostOf, tool, type Pieces } from './lists.ts';
import { loadSubmittedRound, pagesOfRound, type FileOfRound, type SubmittedRound } from './round-files.ts';
import { storedZip } from './stored-zip.ts';

/**
 * Writes the folder `ascmhl` as a ZIP, with a manifest for each submitted round up to this one. Reads each round three times:
 * for the hashes of its root, for the size and C4 ID of its manifest, and to send the manifest.
 */
export async function* writeAscMhlZip(
  ctx: Context,
  request: DeliveryRequest,
  number: number,
): AsyncGenerator<Uint8Array, void, void> {
  const zip = storedZip();
  const generations: { name: string; c4: string }[] = [];
  for (let each = 1; each <= number; each++) {
    const round = loadSubmittedRound(ctx.db, request, each);
    const name = generationName({ number: each, folder: request.name, at: round.submittedAt });
    const root = await rootHashes(ctx.db, round);
    const facts = await measure(writeGeneration(ctx.db, round, root));
    yield zip.begin({ name: `ascmhl/${name}`, at: round.submittedAt, ...facts });
    for await (const piece of writeGeneration(ctx.db, round, root)) yield Buffer.from(piece);
    generations.push({ name, c4: facts.c4 });
    if (each < number) continue;
    const chain = Buffer.from(ascMhlChain(generations));
    const sized = { sizeBytes: chain.length, crc: crc32(chain), at: round.submittedAt };
    yield zip.begin({ name: 'ascmhl/ascmhl_chain.xml', ...sized });
    yield chain;
  }
  yield zip.end();
}

async function measure(pieces: Pieces): Promise<{ sizeBytes: number; crc: number; c4: string }> {
  const sha512 = createHash('sha512');
  let [sizeBytes, crc] = [0, 0];
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    sizeBytes += bytes.length;
    crc = crc32(bytes, crc);
    sha512.update(bytes);
  }
  return { sizeBytes, crc, c4: c4Id(sha512.digest('hex')) };
}

type OfGeneration = { submittedAt: number; isResent: number; previousPath: string | null };

/**
 * The manifest of one round. `root`: the result of `rootHashes`. Later calls return the same bytes: of checksums that were
 * computed after the file was submitted, the manifest contains only XXH128, which every file gets.
 */
export async function* writeGeneration(
  db: Reader,
  round: SubmittedRound,
  root: DirectoryHashes | null,
): Pieces {
  const writer = ascMhl({ at: round.submittedAt, tool, host: hostOf(db), root });
  const hasher = root && new DirectoryHasher(await xxh128());
  const { number } = round;
  const columns = sql`,
    (select submitted_at from rounds where request_id = file.request_id and number = file.added_round) as submittedAt,
    exists (
      select 1 from delivered_files as earlier
      join asset_checksums as theirs on theirs.asset_id = earlier.asset_id
        and theirs.algorithm = 'xxh128' and theirs.source = 'computed'
      join asset_checksums as own on own.asset_id = file.asset_id
        and own.algorithm = 'xxh128' and own.source = 'computed' and own.value = theirs.value
      where earlier.request_id = file.request_id and earlier.path_key = file.path_key and earlier.path = file.path
        and earlier.added_round < file.added_round and earlier.removed_round > earlier.added_round
    ) as isResent,
    case when file.added_round = ${number} then (
      select earlier.path from delivered_files as earlier
      where earlier.asset_id = file.asset_id and earlier.request_id = file.request_id and earlier.path <> file.path
        and earlier.added_round < ${number} and earlier.removed_round = ${number} limit 1
    ) end as previousPath`;
  const directories = (ended: readonly HashedDirectory[]) =>
    ended.map((directory) => writer.directory(directory)).join('');
  function* elements(page: readonly (FileOfRound & OfGeneration)[]): Generator<void, string, void> {
    let text = '';
    for (const file of page) {
      if (hasher) text += directories(yield* hasher.add(hashedFile(file)));
      text += writer.file(inGeneration(file, number));
      yield;
    }
    return text;
  }
  yield writer.head();
  for await (const page of pagesOfRound<OfGeneration>(db, round, columns)) {
    yield await turnsOf(elements(page));
  }
  if (hasher) yield directories((await turnsOf(hasher.end())).ended);
  yield writer.tail();
}

/** The hashes of the root folder of the round; null while some file has no computed XXH128. */
export async function rootHashes(db: Reader, round: SubmittedRound): Promise<DirectoryHashes | null> {
  if (!hasChecksums(db, round, ['xxh128'])) return null;
  const hasher = new DirectoryHasher(await xxh128());
  function* addAll(page: readonly FileOfRound[]): Generator<void, void, void> {
    for (const file of page) {
      yield* hasher.add(hashedFile(file));
      yield;
    }
  }
  for await (const page of pagesOfRound(db, round)) await turnsOf(addAll(page));
  return (await turnsOf(hasher.end())).root;
}

function hashedFile(file: FileOfRound) {
  return { path: file.path, pathKey: file.pathKey, value: checksumOf(file, 'xxh128')!.value };
}

async function xxh128(): Promise<HashOf> {
  const hasher = await createXXHash128();
  return (bytes) => hasher.init().update(bytes).digest();
}

function inGeneration(file: FileOfRound & OfGeneration, number: number): AscMhlFile {
  const { path, sizeBytes, previousPath } = file;
  const wasKnown = file.addedRound < number || file.isResent === 1 || previousPath !== null;
  return {
    path,
    sizeBytes,
    previousPath,
    action: wasKnown ? 'verified' : 'original',
    checksums: file.checksums.filter(({ algorithm, at }) => algorithm === 'xxh128' || at <= file.submittedAt),
  };
}
