/** Makes what a browser can show: waveforms, texts and stills by ourselves, movies and the rest where there is ffmpeg. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maxListedCues, type CueList } from '@turnover/domain/media/cue-list';
import type { PreviewKind } from '@turnover/domain/media/previews';
import type { StageInput, StageReturn } from '@turnover/domain/media/stages';
import { plainLine } from '@turnover/domain/media/stage-words';
import { formats, type FormatName } from '../inspect/formats.ts';
import { sampleBytes, sniff } from '../inspect/sniff.ts';
import { openFile } from '../inspect/source.ts';
import { findFfmpeg, hasDemuxer, type Ffmpeg } from '../preview/ffmpeg.ts';
import {
  makeMoviePreviews,
  makeSoundPreview,
  makeStills,
  type Made,
  type MovieTask,
} from '../preview/movie.ts';
import type { ProgramEnd } from '../preview/run-program.ts';
import { isDecodedStill, makeStillPreviews } from '../preview/still.ts';
import { waveformOf } from '../preview/waveform.ts';
import type { Stage, StageIo } from '../stage.ts';
import { maxTextBytes, readCues } from '../text/text-file.ts';

export const preview: Stage = (input, io) => makePreviews(input, io, findFfmpeg());

/** `ffmpeg` is null on a machine without it. */
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
      if (!hasDemuxer(format)) return { kind: 'skipped', reason: 'no_preview' };
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

function formatOf(path: string): FormatName | null {
  const file = openFile(path);
  try {
    return sniff(file.limitedTo(sampleBytes).read(0, sampleBytes)).format;
  } finally {
    file.close();
  }
}

function hasPicture({ report }: MovieTask): boolean {
  return report?.tracks.some(({ kind }) => kind === 'picture') ?? true;
}

async function previewStill(task: MovieTask, io: StageIo, ffmpeg: Ffmpeg | null): Promise<StageReturn> {
  if (isDecodedStill(task.format)) {
    return outcomeOf(await makeStillPreviews(task.path, task.folder, io.signal), null);
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
  const { previews, failed } = await makeSoundPreview(task, io, own.length > 0);
  return outcomeOf({ previews: [...own, ...previews], failed }, ffmpeg);
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

/** A file that cannot be decoded is a problem of the file, beside what could be made of it. */
function outcomeOf({ previews, failed }: Made, ffmpeg: Ffmpeg | null): StageReturn {
  if (failed === null) return done(previews, ffmpeg);
  if (failed.tookTooLong) {
    return previews.length > 0 ? done(previews, ffmpeg) : { kind: 'skipped', reason: 'preview_too_slow' };
  }
  return { ...done(previews, ffmpeg), problems: [{ code: 'not_decodable', measured: firstError(failed) }] };
}

/** Without the path, and the address of the reader in memory. */
function firstError({ errors }: ProgramEnd): string {
  const line = errors.split('\n').find((each) => each.trim() !== '') ?? '';
  const plain = plainLine(line.replace(/^(\[[^\]]*\] ?)+/, '').replace(/(file:)?\/\S+/g, '…')).trim();
  return plain.slice(0, 160) || 'no error message';
}

function done(previews: PreviewKind[], ffmpeg: Ffmpeg | null) {
  return {
    kind: 'done' as const,
    facts: { previews: previews.join(' '), ...(ffmpeg && { ffmpeg: ffmpeg.version }) },
    previews,
  };
}
