/** A sequence of a Workspace, for the player. */
import { and, asc, between, eq, isNull, sql } from 'drizzle-orm';
import { entries } from '@turnover/db/schema/entries';
import { missingOf, stepOf } from '@turnover/domain/sequences/frame-ranges';
import {
  maxFramesAtOnce,
  maxPlayedGaps,
  oneForEachNumber,
  type FrameStretch,
  type PlayedFrame,
  type PlayedFramesView,
} from '@turnover/domain/sequences/played-frames';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { aroundGaps, gapsIn } from './view.ts';

/** Null when the entry is not a sequence. Everybody who sees an entry may download it. */
export function framesOfEntry({ db }: Pick<PersonContext, 'db'>, entry: Entry): PlayedFramesView | null {
  const { firstFrame: first, lastFrame: last, frameCount: count, frameDivisor: divisor } = entry;
  if (entry.kind !== 'sequence' || first === null || last === null) return null;
  const [firstFile] = filesFrom(db, entry.id, { from: first, count: 1 });
  if (!firstFile) return null;
  const counts = { first, last, count, divisor };
  const [step, missing] = [stepOf(counts), missingOf(counts)];
  const around =
    missing === 0
      ? { ranges: [[first, last] as [number, number]], gaps: [] }
      : aroundGaps(first, last, step, missing, gapsIn(db, entry.id, maxPlayedGaps, step));
  return {
    folder: '',
    name: entry.name,
    frames: { first, last, count, step, missing, duplicates: entry.itemCount - count, ...around },
    wantedRate: null,
    mayShowOriginals: true,
    firstFile,
    files: filesFrom(db, entry.id, { from: first, count: maxFramesAtOnce }),
  };
}

/** Files of such a sequence. Reads no others than those of the stretch. */
export function frameFilesOfEntry(
  { db }: Pick<PersonContext, 'db'>,
  { id, kind }: Entry,
  stretch: FrameStretch,
): PlayedFrame[] | null {
  return kind === 'sequence' ? filesFrom(db, id, stretch) : null;
}

function filesFrom(
  db: PersonContext['db'],
  sequenceId: string,
  { from, count }: FrameStretch,
): PlayedFrame[] {
  const { id, frame, name } = entries;
  const there = and(
    eq(entries.parentId, sequenceId),
    isNull(entries.deletedAt),
    between(frame, from, from + count - 1),
  );
  const rows = db
    .select({ id, frame, name })
    .from(entries)
    .where(there)
    .orderBy(asc(frame), sql`length(${name}) desc`, asc(name))
    .limit(count * 4)
    .all();
  return oneForEachNumber(rows.map((row) => ({ ...row, frame: row.frame! })));
}
