/** The inspection results of the frames of a sequence, for the stage that compares them. That stage runs on the last frame. */
import { sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { frameLayout, maxLayouts, type LayoutGroup } from '@turnover/domain/media/frame-layout';
import type { MediaReport } from '@turnover/domain/media/media-report';
import { lastSegment } from '@turnover/domain/names/names';
import { parseFrameName, patternOf } from '@turnover/domain/sequences/frame-names';
import { framesLabel } from '@turnover/domain/sequences/frame-ranges';
import type { DeliveredFile } from '../../access.ts';
import { othersTurn, turns } from '../../batches.ts';
import { candidateKeys, isCounted } from '../files/sequence-keys.ts';
import { inRound, ofSequences } from '../files/round-scope.ts';

const framesPerPage = 500;

/** The keys of names that may form sequences. */
export function possibleSequences(db: Reader, requestId: string): string[] {
  return candidateKeys(db, presentIn(requestId));
}

/** The ids of the last frame of each sequence, sorted by path. The queue reaches these frames last. */
export async function lastFrames(
  db: Reader,
  requestId: string,
  possible: readonly string[],
): Promise<Set<string>> {
  const visible = presentIn(requestId);
  const rest = turns();
  const keys: string[] = [];
  for (const key of possible) {
    if (isCounted(db, visible, key)) keys.push(key);
    await rest();
  }
  if (keys.length === 0) return new Set();
  // With `max`, SQLite takes the id from the row with the greatest path.
  const rows = db.all<{ id: string }>(sql`
    select file.id, max(file.path_key) from delivered_files as file
    where ${visible} and ${ofSequences(keys)} group by file.sequence_key`);
  return new Set(rows.map(({ id }) => id));
}

type Frame = Pick<DeliveredFile, 'requestId' | 'sequenceKey'>;

/** Whether the inspection of another frame of the sequence still waits or runs. */
export function isBeingInspected(db: Reader, { requestId, sequenceKey }: Frame, round: number): boolean {
  const row = db.get(sql`
    select 1 from stage_runs as run join delivered_files as file on file.id = run.file_id
    where run.request_id = ${requestId} and run.round = ${round} and run.status in ('waiting', 'running')
      and run.stage = 'inspect' and file.sequence_key = ${sequenceKey} and file.removed_at is null
    limit 1`);
  return row !== undefined;
}

/** The frames grouped by layout, in the order of the first frame of each group. Frames without an inspection are left out. */
export async function layoutsOf(db: Reader, { requestId, sequenceKey }: Frame): Promise<LayoutGroup[]> {
  if (sequenceKey === null) return [];
  const found = new Map<string, { name: string; frames: Set<number>; count: number }>();
  for (let after: Place = { frame: -Infinity, id: '' }; ;) {
    const rows = reportsAfter(db, presentIn(requestId), sequenceKey, after);
    const last = rows.at(-1);
    if (!last) break;
    for (const { path, frame, report } of rows) {
      const layout = frameLayout(JSON.parse(report) as MediaReport);
      if (layout === null) continue;
      const group = found.get(layout) ?? { name: lastSegment(path), frames: new Set(), count: 0 };
      if (!found.has(layout) && found.size === maxLayouts) continue;
      found.set(layout, group);
      group.frames.add(frame);
      group.count += 1;
    }
    after = last;
    await othersTurn();
  }
  return [...found].map(([layout, { name, frames, count }]) => {
    const parsed = parseFrameName(name);
    return { layout, count, frames: parsed ? framesLabel(patternOf(parsed), [...frames]) : name };
  });
}

type Place = { frame: number; id: string };

function reportsAfter(db: Reader, visible: SQL, sequenceKey: string, { frame, id }: Place) {
  const isAfter = id === '' ? sql`true` : sql`(file.frame, file.id) > (${frame}, ${id})`;
  return db.all<Place & { path: string; report: string }>(sql`
    select file.id, file.frame, file.path, report.report from delivered_files as file
    join stage_runs as run on run.file_id = file.id and run.stage = 'inspect'
    join media_reports as report on report.stage_run_id = run.id
    where ${visible} and file.sequence_key = ${sequenceKey} and ${isAfter}
    order by file.frame, file.id limit ${framesPerPage}`);
}

function presentIn(requestId: string): SQL {
  return sql`file.request_id = ${requestId} and ${inRound(null)}`;
}
