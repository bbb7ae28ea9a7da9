/** Checksum lists of a submitted round that the hub writes: `checksum.txt`, MHL 1.1, and the ASC MHL history. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { hub } from '@turnover/db/schema/hub';
import { HubError } from '@turnover/domain/errors';
import {
  ascMhl,
  ascMhlChain,
  generationName,
  type AscMhlFile,
} from '@turnover/domain/manifests/writing/asc-mhl';
import { checksumLines, type LineAlgorithm } from '@turnover/domain/manifests/writing/checksum-lines';
import { legacyMhl } from '@turnover/domain/manifests/writing/legacy-mhl';
import type { ListWriter } from '@turnover/domain/manifests/writing/listed-file';
import { c4Id } from '@turnover/domain/media/c4';
import type { DeliveryRequest } from '../../access.ts';
import type { Context } from '../../context.ts';
import { inRound } from '../files/round-scope.ts';
import { loadSubmittedRound, pagesOfRound, type FileOfRound, type SubmittedRound } from './round-files.ts';
import { storedZip } from './stored-zip.ts';

export type Pieces = AsyncGenerator<string, void, void>;

/** The version of what these writers write, not of Turnover: the same round gives the same bytes after an update. */
const tool = { name: 'Turnover', version: '1' };

export function writeChecksumLines(ctx: Context, round: SubmittedRound, algorithm: LineAlgorithm): Pieces {
  return writeList(ctx.db, round, checksumLines(algorithm));
}

export function writeLegacyMhl(ctx: Context, round: SubmittedRound): Pieces {
  return writeList(
    ctx.db,
    round,
    legacyMhl({ tool: tool.name, host: hostOf(ctx.db), at: round.submittedAt }),
  );
}

async function* writeList(db: Reader, round: SubmittedRound, writer: ListWriter): Pieces {
  yield writer.head();
  for await (const page of pagesOfRound(db, round)) yield page.map((file) => writer.file(file)).join('');
  yield writer.tail();
}

/** Throws `unresolved` while a file of the round has no value of these algorithms: a list must not leave files out. */
export function requireChecksums(db: Reader, round: SubmittedRound, algorithms: readonly string[]): void {
  const { missing } = db.get<{ missing: number }>(
    sql`select count(*) as missing ${without(round, algorithms)}`,
  );
  if (missing > 0) {
    throw new HubError(
      'unresolved',
      `The hub has not computed ${algorithms.join(' or ')} for ${missing} files of this round.`,
      { count: missing },
    );
  }
}

/** True when every file of the round has a value of one of these algorithms. */
export function hasChecksums(
  db: Reader,
  round: Pick<SubmittedRound, 'requestId' | 'number'>,
  algorithms: readonly string[],
): boolean {
  return db.get(sql`select 1 ${without(round, algorithms)} limit 1`) === undefined;
}

function without(
  { requestId, number }: Pick<SubmittedRound, 'requestId' | 'number'>,
  algorithms: readonly string[],
): SQL {
  return sql`from delivered_files as file
    where file.request_id = ${requestId} and ${inRound(number)}
      and not exists (select 1 from asset_checksums where asset_id = file.asset_id and source = 'computed'
        and algorithm in (select value from json_each(${JSON.stringify(algorithms)})))`;
}

/**
 * The folder `ascmhl` with a manifest for each submitted round up to this one, as a ZIP. Each manifest is written
 * twice: once for its size and its C4 ID, and once to be sent.
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
    const facts = await measure(writeGeneration(ctx.db, round));
    yield zip.begin({ name: `ascmhl/${name}`, at: round.submittedAt, ...facts });
    for await (const piece of writeGeneration(ctx.db, round)) yield Buffer.from(piece);
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
 * The manifest of one round. A later call gives the same bytes: of the checksums that were computed after the submit
 * that brought the file, it has only the one that every file gets.
 */
export async function* writeGeneration(db: Reader, round: SubmittedRound): Pieces {
  const writer = ascMhl({ at: round.submittedAt, tool, host: hostOf(db) });
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
  yield writer.head();
  for await (const page of pagesOfRound<OfGeneration>(db, round, columns)) {
    yield page.map((file) => writer.file(inGeneration(file, number))).join('');
  }
  yield writer.tail();
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

/** The hub's own id, because the name of its machine may change. */
function hostOf(db: Reader): string {
  return db.select({ id: hub.id }).from(hub).get()?.id ?? 'turnover';
}
