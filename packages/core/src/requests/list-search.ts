/** Finds the requests of a list by their names, their descriptions and the paths of their files. */
import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { lookAlikeKey } from '@turnover/domain/names/look-alikes';
import { isFinished, requestStatuses } from '@turnover/domain/requests/machine';
import { seesOwnFilesOnly } from '../access.ts';
import { turns } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { pathsContaining } from './files/search.ts';

export type FoundRequests = {
  /** Keyed by request id: the path of the first matching file, or null when the name or the description matches. */
  found: ReadonlyMap<string, string | null>;
  /** False when the requests have more files than `maxFiles`, so that some were not searched. */
  isComplete: boolean;
};

/** The most requests that one query reads, and the most files, unless one request has more. Both take a few milliseconds. */
const requestsAtOnce = 1000;
const filesAtOnce = 20_000;
/** The most files whose paths one search reads. */
const maxFiles = 1_000_000;

/** Searches unfinished requests first, the newest of them first. Yields to other work between queries. */
export async function searchRequests(
  { db, person }: PersonContext,
  projectId: string,
  visible: SQL | undefined,
  search: string,
): Promise<FoundRequests> {
  const ofCaller = seesOwnFilesOnly(db, person, projectId) ? person.id : null;
  const wanted = lookAlikeKey(search);
  const found = new Map<string, string | null>();
  const othersTurn = turns();
  let filesLeft = maxFiles;
  let isComplete = true;
  for (const piece of pieces(db, visible)) {
    const others: Piece = [];
    for (const row of piece) {
      const texts = [row.name, row.description].map(lookAlikeKey);
      if (texts.some((text) => text.includes(wanted))) found.set(row.id, null);
      else if (row.fileCount > 0) others.push(row);
    }
    await othersTurn();
    for (const batch of batchesOf(others)) {
      filesLeft -= filesIn(batch);
      if (filesLeft < 0) isComplete = false;
      else for (const [id, path] of searchFiles(db, batch, search, ofCaller)) found.set(id, path);
      await othersTurn();
    }
  }
  return { found, isComplete };
}

type Piece = { id: string; name: string; description: string; fileCount: number }[];

/** Reads one status after another, because an index holds the rows of each status in creation order. */
function* pieces(db: Reader, visible: SQL | undefined): Generator<Piece, void, void> {
  const { id, name, description, fileCount } = requests;
  const rowId = sql<number>`requests.rowid`;
  for (const status of requestStatuses.toSorted(
    (one, other) => Number(isFinished(one)) - Number(isFinished(other)),
  )) {
    let before: number | undefined;
    for (;;) {
      const piece: (Piece[number] & { rowId: number })[] = db
        .select({ id, name, description, fileCount, rowId })
        .from(requests)
        .where(
          and(
            visible,
            eq(requests.status, status),
            before === undefined ? undefined : sql`${rowId} < ${before}`,
          ),
        )
        .orderBy(desc(rowId))
        .limit(requestsAtOnce)
        .all();
      yield piece;
      if (piece.length < requestsAtOnce) break;
      before = piece.at(-1)!.rowId;
    }
  }
}

function filesIn(rows: Piece): number {
  return rows.reduce((sum, { fileCount }) => sum + fileCount, 0);
}

function* batchesOf(rows: Piece): Generator<Piece, void, void> {
  let batch: Piece = [];
  for (const row of rows) {
    if (batch.length > 0 && filesIn(batch) + row.fileCount > filesAtOnce) {
      yield batch;
      batch = [];
    }
    batch.push(row);
  }
  if (batch.length > 0) yield batch;
}

/** The path of the first matching file, keyed by request id. Searches paths and look-alike keys, each through its own index. */
function searchFiles(
  db: Reader,
  batch: Piece,
  search: string,
  deliveredBy: string | null,
): [string, string][] {
  const ids = JSON.stringify(batch.map(({ id }) => id));
  const ofCaller = deliveredBy === null ? sql`` : sql` and delivered_by = ${deliveredBy}`;
  const first = (containing: SQL) => sql`(
    select path from delivered_files
    where request_id = wanted.value and removed_at is null and ${containing}${ofCaller} limit 1)`;
  const { ofPath, ofLook } = pathsContaining(search);
  const rows = db.all<{ id: string; path: string | null }>(sql`
    select wanted.value as id, coalesce(${first(ofPath)}, ${first(sql`look_key is not null and ${ofLook}`)}) as path
    from json_each(${ids}) as wanted`);
  return rows.flatMap(({ id, path }): [string, string][] => (path === null ? [] : [[id, path]]));
}
