/**
 * Makes previews for browsers: waveforms, texts and stills with our own code, movies and other formats with ffmpeg if
 * it is installed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maxListedCues, type CueList } from '@turnover/domain/media/cue-list';
import { isSeenOrHeard } from '@turnover/domain/media/media-report';
import { previewVersion, type PreviewKind } from '@turnover/domain/media/previews';
import type { StageInput, StageReturn, StageSkipReason } from '@turnover/domain/media/stages';
import { formats } from '../inspect/formats.ts';
import { formatOf } from '../inspect/sniff.ts';
import { openFile } from '../inspect/source.ts';
import { findFfmpeg, hasDemuxer, type Ffmpeg } from '../preview/ffmpeg.ts';
import {
  makeMoviePreviews,
  makeSoundPreview,
  makeStills,
  type Made,
  type MovieTask,
} from '../preview/movie.ts';
import { isDecodedStill, makeStillPreviews } from '../preview/still.ts';
import { waveformOf } from '../preview/waveform.ts';
import type { Stage, StageIo } from '../stage.ts';
import { maxTextBytes, readCues } from '../text/text-file.ts';

export const preview: Stage = (input, io) => makePreviews(input, io, findFfmpeg());

/** Makes the previews. `ffmpeg` is null when it is not installed. */
export async function makePreviews(
  input: StageInput,
  io: StageIo,
  ffmpeg: Ffmpeg | null,
): Promise<StageReturn> {
  const { path, sizeBytes, previews, report } = input;
  if (sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  if (previews === null) return { kind: 'skipped', reason: 'no_space' };
  const format = formatOf(path);
  if (format === null) return { kind: 'skipped', reason: 'no_preview' };
  const task: MovieTask = { path, format, report, ...previews };
  switch (formats[format].family) {
    case 'text':
      return previewText(input, previews.folder);
    case 'sound':
      return previewSound(task, io, ffmpeg);
    case 'movie':
      if (!hasDemuxer(format) || (report !== null && !isSeenOrHeard(report)))
        return { kind: 'skipped', reason: 'no_preview' };
      if (ffmpeg === null) return { kind: 'skipped', reason: 'needs_ffmpeg' };
      return hasPicture(task)
        ? outcomeOf(await makeMoviePreviews(task, io), ffmpeg)
        : outcomeOf(await makeSoundPreview(task, io, false), ffmpeg);
    case 'image':
      return previewStill(task, io, ffmpeg);
    case 'document':
      return { kind: 'skipped', reason: 'no_preview' };
  }
}

function hasPicture({ report }: MovieTask): boolean {
  return report?.tracks.some(({ kind }) => kind === 'picture') ?? true;
}

async function previewStill(task: MovieTask, io: StageIo, ffmpeg: Ffmpeg | null): Promise<StageReturn> {
  if (isDecodedStill(task.format)) {
    const made = await makeStillPreviews(task, io.signal);
    if (made) return outcomeOf(made, null);
  }
  if (!hasDemuxer(task.format)) return { kind: 'skipped', reason: 'no_preview' };
  if (ffmpeg === null) return { kind: 'skipped', reason: 'needs_ffmpeg' };
  return outcomeOf(await makeStills(task, io), ffmpeg);
}

/** The waveform of a WAVE file needs no ffmpeg. */
async function previewSound(task: MovieTask, io: StageIo, ffmpeg: Ffmpeg | null): Promise<StageReturn> {
  const peaks = task.format === 'wave' ? await waveformOf(task.path, io) : null;
  if (peaks) await writeFile(join(task.folder, 'peaks'), peaks);
  const own: PreviewKind[] = peaks ? ['peaks'] : [];
  if (ffmpeg === null) return own.length > 0 ? done(own, null) : { kind: 'skipped', reason: 'needs_ffmpeg' };
  const { previews, missing } = await makeSoundPreview(task, io, own.length > 0);
  return outcomeOf({ previews: [...own, ...previews], missing }, ffmpeg);
}

async function previewText({ path, name, sizeBytes }: StageInput, folder: string): Promise<StageReturn> {
  if (sizeBytes > maxTextBytes) return { kind: 'skipped', reason: 'no_preview' };
  const file = openFile(path);
  try {
    const read = readCues(file.limitedTo(maxTextBytes).read(0, maxTextBytes), name);
    if (read === null || read.cues.length === 0) return { kind: 'skipped', reason: 'no_preview' };
    const list: CueList = {
      cues: read.cues.slice(0, maxListedCues).map(({ fromMs, toMs, lines }) => ({
        fromMs,
        toMs,
        text: (lines ?? []).join('\n').slice(0, 2000),
      })),
      total: read.cues.length,
    };
    await writeFile(join(folder, 'cues'), JSON.stringify(list));
    return done(['cues'], null);
  } finally {
    file.close();
  }
}

/** A program's own words about the file become a problem of the file; the previews that could be made stay. */
function outcomeOf({ previews, missing }: Made, ffmpeg: Ffmpeg | null): StageReturn {
  if (missing === null) return done(previews, ffmpeg);
  if ('said' in missing) {
    return { ...done(previews, ffmpeg), problems: [{ code: 'not_decodable', measured: missing.said }] };
  }
  const { reason } = missing;
  return previews.length > 0 ? done(previews, ffmpeg, { missing: reason }) : { kind: 'skipped', reason };
}

/** `missing`: why some previews could not be made. */
function done(previews: PreviewKind[], ffmpeg: Ffmpeg | null, why: { missing?: StageSkipReason } = {}) {
  return {
    kind: 'done' as const,
    facts: {
      previews: previews.join(' '),
      version: previewVersion,
      ...why,
      ...(ffmpeg && { ffmpeg: ffmpeg.version }),
    },
    previews,
  };
}
