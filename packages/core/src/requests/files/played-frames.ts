/** The sequence of a delivered frame, for the player. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { z } from 'zod';
import { onlyFrameRate } from '@turnover/domain/media/timecodes';
import { lastSegment } from '@turnover/domain/names/names';
import { decide } from '@turnover/domain/people/permissions';
import { parseFrameName, patternOf } from '@turnover/domain/sequences/frame-names';
import { summarize } from '@turnover/domain/sequences/frame-ranges';
import {
  maxFramesAtOnce,
  maxPlayedGaps,
  oneForEachNumber,
  type frameFilesOfFileInput,
  type FrameStretch,
  type PlayedFrame,
  type PlayedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { relationTo, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { rulesOf } from '../types.ts';
import { scopeOf, type RoundScope } from './round-scope.ts';
import { isCounted } from './sequence-keys.ts';

type Asked = { file: DeliveredFile; request: DeliveryRequest };

/** Null when the file is not a frame of a sequence in that round. Uses only files that the person may see. */
export function framesOfFile(
  ctx: PersonContext,
  { file, request }: Asked,
  round: number | null,
): PlayedFramesView | null {
  const { db, person } = ctx;
  const sequence = sequenceOf(ctx, { file, request }, round);
  if (!sequence) return null;
  const { scope, key } = sequence;
  const numbers = numbersOf(db, scope, key);
  const first = readFiles(db, scope, key, { from: numbers.sorted[0]!, count: 1 })[0]!;
  const { name, path } = first;
  const parsed = parseFrameName(name);
  const deliveredIt = file.deliveredBy === person.id;
  return {
    folder: path.slice(0, Math.max(0, path.length - name.length - 1)),
    name: parsed ? patternOf(parsed) : name,
    frames: {
      ...summarize(numbers.sorted, maxPlayedGaps),
      duplicates: numbers.files - numbers.sorted.length,
    },
    wantedRate: onlyFrameRate(rulesOf(db, request)?.media.frameRates ?? []),
    mayShowOriginals:
      decide('file:download', { ...relationTo(db, person, request), deliveredIt }) === 'granted',
    firstFile: played(first),
    files: filesIn(db, scope, key, { from: first.frame, count: maxFramesAtOnce }),
  };
}

/** Files of such a sequence. Reads no others than those of the stretch. */
export function frameFilesOfFile(
  ctx: PersonContext,
  asked: Asked,
  { round, ...stretch }: z.infer<typeof frameFilesOfFileInput>,
): PlayedFrame[] | null {
  const sequence = sequenceOf(ctx, asked, round);
  return sequence && filesIn(ctx.db, sequence.scope, sequence.key, stretch);
}

function sequenceOf(ctx: PersonContext, { file, request }: Asked, round: number | null) {
  const key = file.sequenceKey;
  const scope = scopeOf(ctx, request, round ?? (file.removedAt === null ? null : file.addedRound));
  return key === null || !isCounted(ctx.db, scope.visible, key) ? null : { key, scope };
}

function filesIn(db: Reader, scope: RoundScope, key: string, stretch: FrameStretch): PlayedFrame[] {
  return oneForEachNumber(readFiles(db, scope, key, stretch).map(played));
}

function numbersOf(db: Reader, { visible }: RoundScope, key: string) {
  const rows = db.all<{ frame: number; files: number }>(sql`
    select file.frame, count(*) as files from delivered_files as file
    where ${visible} and file.sequence_key = ${key} group by file.frame order by file.frame`);
  return {
    sorted: rows.map(({ frame }) => frame),
    files: rows.reduce((sum, { files }) => sum + files, 0),
  };
}

type Found = PlayedFrame & { path: string };

/** Among files with the same number, the longest name comes first; it also names the sequence. */
function readFiles(db: Reader, { visible }: RoundScope, key: string, { from, count }: FrameStretch): Found[] {
  const rows = db.all<{ id: string; frame: number; path: string }>(sql`
    select file.id, file.frame, file.path from delivered_files as file
    where ${visible} and file.sequence_key = ${key} and file.frame between ${from} and ${from + count - 1}
    order by file.frame, length(file.path) desc, file.path limit ${count * 4}`);
  return rows.map((row) => ({ ...row, name: lastSegment(row.path) }));
}

function played({ id, frame, name }: PlayedFrame): PlayedFrame {
  return { id, frame, name };
}
