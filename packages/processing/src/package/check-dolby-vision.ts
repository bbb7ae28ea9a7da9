/** Compares the edit rate of Dolby Vision metadata, which lie beside a package, with that of its compositions. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageInput } from '@turnover/domain/media/stages';
import { lastSegment } from '@turnover/domain/names/names';
import { readDolbyVision, type DolbyVision } from '../inspect/text/dolby-vision.ts';
import { textOf } from '../inspect/text/encoding.ts';
import { secondsIn } from './check-composition.ts';
import type { PackageDocument } from './documents.ts';

type Composition = Pick<Extract<PackageDocument, { kind: 'composition' }>, 'editRate'>;

/** The rate stands before the shots, of which a long film has tens of megabytes. */
const maxBytes = 1024 * 1024;

export function checkDolbyVision(
  siblings: StageInput['siblings'],
  compositions: readonly Composition[],
): MediaProblem[] {
  const rates = compositions.flatMap(({ editRate }) => (editRate === null ? [] : [editRate]));
  return siblings.flatMap(({ name, path }): MediaProblem[] => {
    const found = path === null ? null : read(path);
    if (found === null) return [];
    const own = found.editRate?.join(' ');
    const [wanted] = rates;
    if (own === undefined || wanted === undefined) {
      const measured = own === undefined ? lastSegment(name) : `${lastSegment(name)}: ${own}`;
      return [{ code: 'dolby_vision_not_compared', measured: measured.slice(0, 200) }];
    }
    if (rates.some((rate) => secondsIn(1, rate) === secondsIn(1, own))) return [];
    const measured = `${lastSegment(name)}: ${own}`.slice(0, 200);
    return [{ code: 'dolby_vision_rate_differs', measured, wanted: wanted.slice(0, 60) }];
  });
}

/** Reads the beginning. Never throws. A file that was removed meanwhile is not compared. */
function read(path: string): DolbyVision | null {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(maxBytes);
      const text = textOf(bytes.subarray(0, readSync(file, bytes)))?.text;
      return text === undefined ? null : readDolbyVision(text);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}
