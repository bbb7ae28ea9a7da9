/** Writes checksum lists of a submitted round: `checksum.txt` and MHL 1.1. */
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { hub } from '@turnover/db/schema/hub';
import { HubError } from '@turnover/domain/errors';
import { checksumLines, type LineAlgorithm } from '@turnover/domain/manifests/writing/checksum-lines';
import { legacyMhl } from '@turnover/domain/manifests/writing/legacy-mhl';
import type { ListWriter } from '@turnover/domain/manifests/writing/listed-file';
import type { Context } from '../../context.ts';
import { inRound } from '../files/round-scope.ts';
import { pagesOfRound, type SubmittedRound } from './round-files.ts';

export type Pieces = AsyncGenerator<string, void, void>;

/** The version of these writers, not of Turnover: while they are unchanged, a round gives the same bytes after an update. */
export const tool = { name: 'Turnover', version: '2' };

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

/** Throws `unresolved` while a file of the round lacks all of these algorithms, because a list must not leave files out. */
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

/** Whether every file of the round has a checksum of one of these algorithms. */
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

/** The id of the hub, used as host name: the name of its machine may change. */
export function hostOf(db: Reader): string {
  return db.select({ id: hub.id }).from(hub).get()?.id ?? 'turnover';
}
