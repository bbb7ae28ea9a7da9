/** Turns search text into searches for sequences: by the name or number of a frame, or in a notation for whole sequences. */
import { nameKey } from '../names/names.ts';
import type { FrameRange } from './frame-ranges.ts';

export type FrameSearch = {
  /** A part of the sequence's name in lower case, with `#` in place of the number. */
  part: string;
  /** Ranges of which the sequence must have a frame; null for any frame. */
  frames: FrameRange[] | null;
};

/**
 * Notations of whole sequences: `shot.####.exr`, `shot.[1001-1040].exr`, `shot.1001-1040#.exr`, `shot.%04d.exr`,
 * `shot.@@@@.exr`, `shot.$F4.exr`.
 */
const notation = /(?:-?\d+(?:-\d+)?(?:x\d+)?(?:,\s*)?)*(?:#+|@+|%\d*d|\$F\d*)|\[[-\d,x ]+\]/i;
const lastNumber = /^(.*?)(\d{1,20})(\D*)$/s;
/** A number at the end of the text may be incomplete: it matches frames with up to this many more digits. */
const moreDigits = 4;

/** Returns all possible readings of the text; empty when it cannot refer to a sequence. */
export function frameSearches(text: string): FrameSearch[] {
  if (notation.test(text)) return [{ part: nameKey(text.replace(notation, '#')), frames: null }];
  const [, before, digits, after] = lastNumber.exec(text) ?? [];
  if (before === undefined || digits === undefined || after === undefined) return [];
  const number = Number(digits);
  if (number > 999_999_999) return [];
  const frames = rangesFrom(number, after === '');
  const searches = [{ part: nameKey(`${before}#${after}`), frames }];
  if (/(?:^|[._ -])-$/.test(before)) {
    const negative = frames.map(([first, last]): FrameRange => [0 - last, 0 - first]);
    searches.push({ part: nameKey(`${before.slice(0, -1)}#${after}`), frames: negative });
  }
  return searches;
}

function rangesFrom(number: number, isOpen: boolean): FrameRange[] {
  const ranges: FrameRange[] = [[number, number]];
  if (!isOpen || number === 0) return ranges;
  for (let more = 1; more <= moreDigits; more++) {
    const tens = 10 ** more;
    ranges.push([number * tens, (number + 1) * tens - 1]);
  }
  return ranges;
}
