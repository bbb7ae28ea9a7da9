/** Compares the edit rate of Dolby Vision metadata, which lie beside a package, with that of its compositions. */
import { readFileSync } from 'node:fs';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageInput } from '@turnover/domain/media/stages';
import { decodeText } from '@turnover/domain/text-encodings';
import { lastSegment } from '@turnover/domain/names/names';
import { readDolbyVision, type DolbyVision } from '../inspect/text/dolby-vision.ts';
import { secondsIn } from './check-composition.ts';
import type { PackageDocument } from './documents.ts';

type Composition = Pick<Extract<PackageDocument, { kind: 'composition' }>, 'editRate'>;

export function checkDolbyVision(
  siblings: StageInput['siblings'],
  compositions: readonly Composition[],
): MediaProblem[] {
  const rates = compositions.flatMap(({ editRate }) => (editRate === null ? [] : [editRate]));
  const [first] = rates;
  if (first === undefined) return [];
  return siblings.flatMap(({ name, path }): MediaProblem[] => {
    const own = path === null ? undefined : read(path)?.editRate?.join(' ');
    if (own === undefined || rates.some((rate) => secondsIn(1, rate) === secondsIn(1, own))) return [];
    const measured = `${lastSegment(name)}: ${own}`.slice(0, 200);
    return [{ code: 'dolby_vision_rate_differs', measured, wanted: first.slice(0, 60) }];
  });
}

/** Never throws. A file that was removed meanwhile is not compared. */
function read(path: string): DolbyVision | null {
  try {
    const decoded = decodeText(readFileSync(path));
    return 'text' in decoded ? readDolbyVision(decoded.text) : null;
  } catch {
    return null;
  }
}
