/** The rows of image sequences in the contents of a request. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { lastSegment } from '@turnover/domain/names/names';
import type { SequenceRowView } from '@turnover/domain/requests/contents';
import { parseFrameName, patternOf } from '@turnover/domain/sequences/frame-names';
import { summarize } from '@turnover/domain/sequences/frame-ranges';
import type { KnownSequences } from './known-sequences.ts';
import { ofSequences, type RoundScope } from './round-scope.ts';

const maxRanges = 20;

type Row = Omit<SequenceRowView, 'change'>;

/**
 * The rows, keyed by sequence key. Reads what a change of the request changes only once, but stages and checksums each time:
 * these end without such a change.
 */
export function viewSequences(
  db: Reader,
  scope: RoundScope,
  { totals, shown }: KnownSequences,
  keys: readonly string[],
): Map<string, Row> {
  const stages = stageCounts(db, scope, keys);
  const verifying = verifyingCounts(db, scope, keys);
  return new Map(
    keys.map((key): [string, Row] => {
      const { files, sizeBytes, addedAt } = totals.get(key)!;
      const seen = shown.get(key) ?? readShown(db, scope, key, files);
      shown.set(key, seen);
      const row: Row = {
        kind: 'sequence',
        id: key,
        ...seen,
        files,
        sizeBytes,
        mediaKind: mediaKind(seen.name),
        addedAt,
        counts: { live: 0, failed: 0, ...stages.get(key), verifying: verifying.get(key) ?? 0 },
      };
      return [key, row];
    }),
  );
}

function readShown(
  db: Reader,
  scope: RoundScope,
  key: string,
  files: number,
): Pick<Row, 'folder' | 'name' | 'firstFileId' | 'frames'> {
  const { ranges, gaps, ...frames } = summarize(numbersOf(db, scope, key), maxRanges);
  return {
    ...patternIn(db, scope, key),
    frames: { ...frames, ranges, gaps, duplicates: files - frames.count },
  };
}

/** The distinct frame numbers, in ascending order. */
function numbersOf(db: Reader, { visible }: RoundScope, key: string): number[] {
  return db
    .all<{ frame: number }>(
      sql`select distinct file.frame from delivered_files as file where ${visible} and file.sequence_key = ${key} order by file.frame`,
    )
    .map(({ frame }) => frame);
}

/** The name of a sequence comes from its lowest frame, or with several paddings from the longest one. */
function patternIn(db: Reader, { visible }: RoundScope, key: string) {
  const { id, path } = db.get<{ id: string; path: string }>(sql`
    select file.id, file.path from delivered_files as file where ${visible} and file.sequence_key = ${key}
    order by file.frame, length(file.path) desc, file.path limit 1`);
  const name = lastSegment(path);
  const frame = parseFrameName(name);
  return {
    folder: path.slice(0, Math.max(0, path.length - name.length - 1)),
    name: frame ? patternOf(frame) : name,
    firstFileId: id,
  };
}

/** For each sequence, the number of files with a waiting or running stage, and of files that a failed stage holds. */
function stageCounts(
  db: Reader,
  { request, visible }: RoundScope,
  keys: readonly string[],
): Map<string, { live: number; failed: number }> {
  // The list of rounds lets SQLite use the index that finds the few stages that are not done.
  const rounds = JSON.stringify(Array.from({ length: request.round }, (_, index) => index + 1));
  const rows = db.all<{ key: string; live: number; failed: number }>(sql`
    select file.sequence_key as key, count(distinct iif(run.status = 'failed', null, file.id)) as live,
      count(distinct iif(run.status = 'failed', file.id, null)) as failed
    from stage_runs as run cross join delivered_files as file on file.id = run.file_id
    where run.request_id = ${request.id} and run.round in (select value from json_each(${rounds}))
      and run.status in ('waiting', 'running', 'failed') and not run.informs and ${visible} and ${ofSequences(keys)}
    group by file.sequence_key`);
  return new Map(rows.map(({ key, ...counts }) => [key, counts]));
}

/** The number of files of each sequence whose checksum is not computed yet. An index finds the few unfinished uploads. */
function verifyingCounts(db: Reader, { visible }: RoundScope, keys: readonly string[]): Map<string, number> {
  const rows = db.all<{ key: string; files: number }>(sql`
    select file.sequence_key as key, count(distinct file.id) as files
    from uploads cross join delivered_files as file on file.asset_id = uploads.asset_id
    where uploads.status in ('uploading', 'verifying') and uploads.status = 'verifying' and ${visible} and ${ofSequences(keys)}
    group by file.sequence_key`);
  return new Map(rows.map(({ key, files }) => [key, files]));
}
