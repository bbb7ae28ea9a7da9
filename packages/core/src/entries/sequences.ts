/** Counters of sequences, and whether files of a folder form one. Only `tree.ts` and `sequence-seats.ts` call it. */
import { and, asc, between, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { nameKey } from '@turnover/domain/names/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { enoughNames, isSequence, reach } from '@turnover/domain/sequences/frame-evidence';
import {
  paddedNumber,
  parseFrameName,
  parsePattern,
  patternOf,
  sequenceKey,
  type FrameName,
} from '@turnover/domain/sequences/frame-names';
import { countsOf, divisorOf, missingOf, type FrameCounts } from '@turnover/domain/sequences/frame-ranges';
import { sortKey } from '@turnover/domain/names/sort-keys';
import type { Entry } from '../access.ts';
import type { Context } from '../context.ts';
import { inList } from '../in-list.ts';

/**
 * Sequences with more frames keep their step when frames leave, because recounting would take too long. Missing numbers then
 * show as gaps.
 */
const maxRecounted = 2000;

/** Files of a place that would be frames of this sequence, if it existed. */
export function looseFrames(db: Reader, placeKey: string, key: string): Pick<Entry, 'id' | 'sizeBytes'>[] {
  const { id, sizeBytes } = entries;
  return db.select({ id, sizeBytes }).from(entries).where(loose(placeKey, key)).all();
}

/** True when the files together with `arriving` form a sequence. Reads only as many names as can change the answer. */
export function wouldCount(db: Reader, placeKey: string, key: string, arriving: FrameName): boolean {
  const { name, frame } = entries;
  const read = (more?: ReturnType<typeof between>) =>
    db
      .select({ name })
      .from(entries)
      .where(and(loose(placeKey, key), more))
      .limit(enoughNames)
      .all();
  const some = read();
  const near =
    some.length < enoughNames ? [] : read(between(frame, arriving.frame - reach, arriving.frame + reach));
  const names = new Set([...some, ...near].map((row) => row.name));
  return isSequence([arriving, ...[...names].flatMap((each) => parseFrameName(each) ?? [])]);
}

function loose(placeKey: string, key: string) {
  return and(
    eq(entries.placeKey, placeKey),
    eq(entries.sequenceKey, key),
    eq(entries.kind, 'file'),
    isNull(entries.deletedAt),
  );
}

/** Counts one more frame. Reads only what this frame changes, because it runs for every frame. */
export function frameJoined(tx: Transaction, id: string, frame: number): void {
  const known = tx.select().from(entries).where(eq(entries.id, id)).get()!;
  const { firstFrame, lastFrame, frameCount, frameDivisor } = known;
  if (firstFrame === null || lastFrame === null) return resettle(tx, id);
  const { files } = tx.get<{ files: number }>(sql`
    select count(*) as files from entries where parent_id = ${id} and frame = ${frame} and deleted_at is null`);
  const counts = {
    first: Math.min(firstFrame, frame),
    last: Math.max(lastFrame, frame),
    count: frameCount + Number(files === 1),
    divisor: divisorOf(frameDivisor, frame - firstFrame),
  };
  write(tx, known, counts, frame <= firstFrame);
}

/** Counts all frames again, after many arrived or some (`left`) left. */
export function resettle(tx: Transaction, id: string, left: readonly string[] = []): void {
  const known = tx.select().from(entries).where(eq(entries.id, id)).get()!;
  const [first, last] = [edgeOf(tx, id, 'min'), edgeOf(tx, id, 'max')];
  if (first === null || last === null) return;
  if (known.itemCount > maxRecounted && known.frameCount > 0) {
    const count = known.frameCount - goneOf(tx, id, left);
    write(tx, known, { first, last, count, divisor: known.frameDivisor }, true);
    return;
  }
  const numbers = tx
    .all<{ frame: number }>(sql`select distinct frame from entries where ${framesIn(id)} order by frame`)
    .map(({ frame }) => frame);
  write(tx, known, countsOf(numbers), true);
}

function framesIn(id: string) {
  return sql`parent_id = ${id} and deleted_at is null and frame is not null`;
}

/** Reads one end at a time: SQLite finds one end of an index at once, but reads the whole index for both together. */
function edgeOf(db: Reader, id: string, end: 'min' | 'max'): number | null {
  return db.get<{ frame: number | null }>(
    sql`select ${sql.raw(end)}(frame) as frame from entries where ${framesIn(id)}`,
  ).frame;
}

/** The number of frame numbers that disappeared with the files that left, because no other file of the sequence has them. */
function goneOf(db: Reader, id: string, left: readonly string[]): number {
  return db.get<{ gone: number }>(sql`
    select count(distinct gone.frame) as gone from entries as gone where ${inList(sql`gone.id`, left)} and not exists (
      select 1 from entries where ${framesIn(id)} and frame = gone.frame)`).gone;
}

function write(tx: Transaction, known: Entry, counts: FrameCounts, isRenamed: boolean): void {
  const lowest = isRenamed ? lowestName(tx, known.id, counts.first) : null;
  const pattern = lowest && patternOf(lowest);
  const isNew = pattern !== null && pattern !== known.name;
  tx.update(entries)
    .set({
      firstFrame: counts.first,
      lastFrame: counts.last,
      frameCount: counts.count,
      frameDivisor: counts.divisor,
      stateRank: missingOf(counts) > 0 ? 1 : 2,
      ...(isNew && { name: pattern, sortKey: sortOfPattern(lowest!) }),
    })
    .where(eq(entries.id, known.id))
    .run();
}

/** The name of the lowest frame, which names the sequence. With several paddings, the longest one. */
function lowestName(db: Reader, id: string, first: number): FrameName | null {
  const { name } = entries;
  const row = db
    .select({ name })
    .from(entries)
    .where(and(eq(entries.parentId, id), eq(entries.frame, first), isNull(entries.deletedAt)))
    .orderBy(sql`length(${name}) desc`, asc(name))
    .limit(1)
    .get();
  return row ? parseFrameName(row.name) : null;
}

/** The stored keys of a sequence with this pattern, whatever its place. */
export function keysOfPattern(pattern: string) {
  const parsed = parsePattern(pattern);
  if (!parsed) throw new TypeError(`Not a pattern: ${pattern}`);
  const key = sequenceKey(parsed);
  return {
    name: pattern,
    nameKey: key,
    lookKey: lookOfSequence(key),
    sequenceKey: key,
    sortKey: sortOfPattern(parsed),
  };
}

/** The look-alike key of a sequence, computed as for a name. */
export function lookOfSequence(key: string): string | null {
  const look = storedLookAlikeKey(key.slice(1));
  return look && `/${look}`;
}

function sortOfPattern({ prefix, suffix }: Pick<FrameName, 'prefix' | 'suffix'>): string {
  return sortKey(`${prefix}0${suffix}`);
}

/** Renames every frame after the new pattern of its sequence. Frames keep their numbers and padding. */
export function nameFrames(tx: Transaction, ctx: Context, sequence: Entry, pattern: string): void {
  const parsed = parsePattern(pattern);
  if (!parsed) throw new TypeError(`Not a pattern: ${pattern}`);
  const frames = tx
    .select({ id: entries.id, name: entries.name, frame: entries.frame })
    .from(entries)
    .where(and(eq(entries.parentId, sequence.id), isNull(entries.deletedAt)))
    .all();
  const keys = frames.map(({ id, name: present, frame }) => {
    const number = parseFrameName(present)?.number ?? paddedNumber(frame ?? 0, parsed.width);
    const name = `${parsed.prefix}${number}${parsed.suffix}`;
    return { id, name, nameKey: nameKey(name), lookKey: storedLookAlikeKey(name), sortKey: sortKey(name) };
  });
  tx.run(sql`
    update entries set name = keys.value ->> 'name', name_key = keys.value ->> 'nameKey', look_key = keys.value ->> 'lookKey',
      sort_key = keys.value ->> 'sortKey', sequence_key = ${sequenceKey(parsed)}, updated_at = ${ctx.clock()}
    from json_each(${JSON.stringify(keys)}) as keys where entries.id = keys.value ->> 'id'`);
}
