/** Still pictures. Each format is read by its header; no pixel is decoded. */
import type { PictureTrack } from '@turnover/domain/media/media-report';
import type { FormatName } from '../formats.ts';
import { unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import type { Source } from '../source.ts';
import { countFact, known } from '../values.ts';
import { readGif } from './gif.ts';
import { readJpeg } from './jpeg.ts';
import { readPng } from './png.ts';
import type { Still } from './still-facts.ts';
import { readSvg } from './svg.ts';
import { readTiff } from './tiff.ts';
import { readWebp } from './webp.ts';

const readers = {
  png: readPng,
  jpeg: readJpeg,
  gif: readGif,
  webp: readWebp,
  tiff: readTiff,
  svg: readSvg,
} satisfies Partial<Record<FormatName, (source: Source) => Still | InspectionFailed>>;

export type StillFormat = keyof typeof readers;

export function readStill(format: StillFormat, source: Source): InspectionRead | InspectionFailed {
  const still = readers[format](source);
  if ('kind' in still) return still;
  const { details, bitDepth, ...facts } = still;
  if (facts.width === 0 || facts.height === 0) return unreadable('damaged_header');
  const track: PictureTrack = { kind: 'picture', ...known({ ...facts, bitDepth: countFact(bitDepth) }) };
  return {
    kind: 'read',
    report: reportOf({ reader: 'turnover', container: still.codec, tracks: [track], details }),
    problems: [],
  };
}
