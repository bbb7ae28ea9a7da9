/** SQL functions for migrations that compute what SQL alone cannot: keys from names, and ids. */
import { randomBytes } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { makeId } from '@turnover/domain/ids';
import { nameKey } from '@turnover/domain/names/names';
import { storedLookAlikeKey } from '@turnover/domain/names/look-alikes';
import { isSequence } from '@turnover/domain/sequences/frame-evidence';
import {
  frameNameOf,
  inFrameOrder,
  parseFrameName,
  parsePattern,
  patternOf,
  sequenceKey,
  type FrameName,
} from '@turnover/domain/sequences/frame-names';
import { framePlace } from '@turnover/domain/sequences/frame-paths';
import { divisorOf, missingOf } from '@turnover/domain/sequences/frame-ranges';
import { sortKey } from '@turnover/domain/names/sort-keys';

export function addMigrationFunctions(client: Sqlite.Database, now: number): void {
  const ofName = (name: string, compute: (name: string) => string | number | null) =>
    client.function(name, { deterministic: true }, (value: unknown) => compute(String(value)));
  ofName('turnover_sort_key', sortKey);
  addFirstReading(ofName);
  ofName('turnover_name_number', (name) => parseFrameName(name)?.frame ?? null);
  ofName('turnover_name_sequence', (name) => {
    const frame = parseFrameName(name);
    return frame && sequenceKey(frame);
  });
  ofName('turnover_path_sequence', (path) => framePlace(path)?.sequenceKey ?? null);
  ofName('turnover_path_frame', (path) => framePlace(path)?.frame ?? null);
  addSequenceFunctions(client);
  ofName('turnover_look_key', storedLookAlikeKey);
  ofName('turnover_sequence_look_key', (pattern) => {
    const look = storedLookAlikeKey(pattern);
    return look && `/${look}`;
  });
  client.function('turnover_entry_id', () => makeId('entry', now, randomBytes(10)));
  client.function('turnover_sign_in_id', (at) => makeId('signIn', Number(at), randomBytes(10)));
}

/** Adds aggregates over all names or numbers of one sequence key: whether they form a sequence, and its summary. */
function addSequenceFunctions(client: Sqlite.Database): void {
  const ofNames = (name: string, compute: (frames: FrameName[]) => string | number | null) =>
    client.aggregate(name, {
      start: (): FrameName[] => [],
      step: (frames: FrameName[], value: unknown) => {
        const frame = parseFrameName(String(value));
        if (frame) frames.push(frame);
      },
      result: compute,
    });
  ofNames('turnover_is_sequence', (frames) => Number(isSequence(frames)));
  ofNames('turnover_pattern', (frames) => {
    const [lowest] = inFrameOrder(frames);
    return lowest ? patternOf(lowest) : null;
  });
  client.aggregate('turnover_frame_divisor', {
    start: () => ({ first: null as number | null, divisor: 0 }),
    step: (known: { first: number | null; divisor: number }, value: unknown) => {
      const frame = Number(value);
      known.divisor = divisorOf(known.divisor, frame - (known.first ?? frame));
      known.first ??= frame;
    },
    result: ({ divisor }: { divisor: number }) => divisor,
  });
  const numbers = { deterministic: true };
  client.function('turnover_frames_missing', numbers, (first, last, count, divisor) =>
    missingOf({ first: Number(first), last: Number(last), count: Number(count), divisor: Number(divisor) }),
  );
  client.function('turnover_pattern_order', numbers, (pattern) => {
    const parsed = parsePattern(String(pattern));
    return sortKey(parsed ? `${parsed.prefix}0${parsed.suffix}` : String(pattern));
  });
  client.function('turnover_pattern_sequence', numbers, (pattern) => {
    const frame = parseFrameName(frameNameOf(String(pattern), 1));
    return frame && sequenceKey(frame);
  });
}

/**
 * Adds the name parser of the time when `0001_workspace_whole` created the first sequences. It must not change, because that
 * migration must give the same result wherever it still runs. A later migration corrects its sequences.
 */
function addFirstReading(
  ofName: (name: string, compute: (name: string) => string | number | null) => void,
): void {
  const frames = new Set('dpx exr tif tiff cin tga'.split(' '));
  const pictures = new Set('png jpg jpeg jp2 j2c j2k webp heic'.split(' '));
  const read = (name: string) => {
    const parts = /^(.*?)(?:(\.)(\d{2,9})|([_-])(\d{4,9}))\.([^.]+)$/s.exec(name);
    const [, stem, dot, afterDot, mark, afterMark, extension] = parts ?? [];
    const digits = afterDot ?? afterMark;
    if (!stem || digits === undefined || extension === undefined) return null;
    const format = extension.toLowerCase();
    if (!frames.has(format) && !(dot !== undefined && pictures.has(format))) return null;
    const before = `${stem}${dot ?? mark}`;
    return {
      pattern: `${before}${'#'.repeat(digits.length)}.${extension}`,
      frame: Number(digits),
      before,
      extension,
      digits,
    };
  };
  ofName('turnover_frame', (name) => read(name)?.frame ?? null);
  ofName('turnover_frame_pattern', (name) => read(name)?.pattern ?? name);
  ofName('turnover_pattern_sort_key', (name) => {
    const parsed = read(name);
    return sortKey(parsed ? `${parsed.before}${'0'.repeat(parsed.digits.length)}.${parsed.extension}` : name);
  });
  ofName('turnover_sequence_key', (name) => {
    const parsed = read(name);
    return parsed && `/${nameKey(parsed.pattern)}`;
  });
}
