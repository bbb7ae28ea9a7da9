/** Inspects a file: its format, whether the format is the one that its name promises, and its tracks. */
import type { MediaKind } from '@turnover/domain/media/media-kinds';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { crossChecks } from './cross-checks.ts';
import { agreementOf, formats, promisedFormats, type FormatName } from './formats.ts';
import { readDpx } from './frames/dpx.ts';
import { readExr } from './frames/exr.ts';
import { readByMediaInfo } from './mediainfo/mediainfo.ts';
import { empty, notInspected, unreadable, type Inspection } from './outcome.ts';
import { sniff, sampleBytes } from './sniff.ts';
import { mebibyte, openFile, type OpenFile } from './source.ts';
import { readStill, type StillFormat } from './stills/still.ts';
import { inspectDolbyVision } from './text/dolby-vision.ts';
import { readImf } from './text/imf.ts';
import { readTimedText, type TimedTextFormat } from './text/timed-text.ts';
import { readWave } from './wave/wave.ts';

export type InspectedFile = { path: string; name: string; sizeBytes: number; mediaKind: MediaKind };
export type InspectIo = { signal: AbortSignal };

/** Limit for our own readers of headers. MediaInfo gets more, because it reads whole frames of some formats. */
const maxHeaderBytes = 4 * mebibyte;
/** Limit for MediaInfo. Together with the sample and the boxes, an inspection stays under 32 MB. */
const maxMovieBytes = 30 * mebibyte;
const maxTextBytes = 8 * mebibyte;

/** Never throws because of a file's content; only when the signal aborts, or for a bug of ours. */
export async function inspectFile(file: InspectedFile, io: InspectIo): Promise<Inspection> {
  io.signal.throwIfAborted();
  let open: OpenFile;
  try {
    open = openFile(file.path);
  } catch {
    return unreadable('no_file');
  }
  try {
    return await inspectOpen(file, open, io);
  } finally {
    open.close();
  }
}

async function inspectOpen(file: InspectedFile, open: OpenFile, io: InspectIo): Promise<Inspection> {
  if (open.sizeBytes === 0)
    return hasMedia(file.mediaKind) ? empty : { kind: 'skipped', reason: 'empty_file' };
  const { format, found } = sniff(open.limitedTo(sampleBytes).read(0, sampleBytes));
  const promised = promisedFormats(file.name);
  const agreement = promised ? agreementOf(format, promised) : 'agrees';
  const expected = promised?.map((each) => formats[each].name).join(', ') ?? '';
  if (agreement === 'differs') return { kind: 'failed', failure: 'not_its_kind', facts: { found, expected } };
  // A camera photograph is a TIFF whose first picture is only a thumbnail.
  if (format === null || promised?.includes('camera_raw')) return notInspected;
  const inspection = await read(format, file, open, io);
  if (inspection.kind !== 'read') return inspection;
  const differs: MediaProblem[] =
    agreement === 'same_family' ? [{ code: 'extension_differs', measured: found, wanted: expected }] : [];
  return {
    ...inspection,
    problems: [...differs, ...inspection.problems, ...crossChecks(inspection.report)],
  };
}

async function read(
  format: FormatName,
  { name, mediaKind }: InspectedFile,
  open: OpenFile,
  { signal }: InspectIo,
): Promise<Inspection> {
  switch (formats[format].reader) {
    case 'mediainfo':
      return readByMediaInfo(format, open.limitedTo(maxMovieBytes), signal);
    case 'wave':
      return readWave(open.limitedTo(maxHeaderBytes), name);
    case 'dpx':
      return readDpx(open.limitedTo(maxHeaderBytes));
    case 'exr':
      return readExr(open.limitedTo(maxHeaderBytes));
    case 'still':
      return readStill(format as StillFormat, open.limitedTo(2 * maxHeaderBytes));
    case 'text':
      return readTimedText(format as TimedTextFormat, open.limitedTo(maxTextBytes));
    case 'imf':
      return readImf(open.limitedTo(maxTextBytes));
    case 'dolby_vision':
      return inspectDolbyVision(open.limitedTo(2 * maxTextBytes));
    case 'none':
      // Subtitles whose first cue is damaged look like plain text.
      return format === 'text' && mediaKind === 'timed_text'
        ? readTimedText('text', open.limitedTo(maxTextBytes))
        : notInspected;
  }
}

/** Returns whether an empty file of this kind is damaged. An empty document is valid. */
function hasMedia(kind: MediaKind): boolean {
  return !['manifest', 'document', 'other'].includes(kind);
}
