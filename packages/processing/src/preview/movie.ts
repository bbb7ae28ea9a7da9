/** Makes previews of movies and sound with ffmpeg: poster, thumbnail, strip, proxy, stereo sound and waveform. */
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaReport, SoundTrack } from '@turnover/domain/media/media-report';
import { stripColumns, stripRows, stripTiles, type PreviewKind } from '@turnover/domain/media/previews';
import type { FormatName } from '../inspect/formats.ts';
import { mebibyte } from '../inspect/source.ts';
import type { StageIo } from '../stage.ts';
import { decoderOptions, runFfmpeg, timeLimitFor } from './ffmpeg.ts';
import { whyMissing, type Missing } from './missing.ts';
import type { ProgramEnd } from '../run-program.ts';
import { waveformOf } from './waveform.ts';

export type MovieTask = {
  path: string;
  format: FormatName;
  report: MediaReport | null;
  folder: string;
  maxBytes: number;
};
export type Made = {
  previews: PreviewKind[];
  /** Why some previews are missing; null when none are. */
  missing: Missing | null;
};

const nothing: Made = { previews: [], missing: null };

const gibibyte = 1024 * mebibyte;
const memoryBytes = 3 * gibibyte;
const minute = 60_000;
const posterLimits = { timeMs: 2 * minute, fileBytes: 16 * mebibyte, memoryBytes };
/** Width of one tile; each tile is one moment, and the whole strip is one picture. */
const tileWidth = 160;
/** Sample rate of the sound from which the waveform of a movie is drawn: 16 bit stereo, 115 MB an hour. */
const waveformRate = 8000;

export async function makeMoviePreviews(task: MovieTask, io: StageIo): Promise<Made> {
  const stills = await makeStills(task, io);
  if (stills.missing) return stills;
  const { proxy, strip, sound } = outputsFor(task);
  const made = await runLong(task, io, [...filtersOf(task), ...proxy, ...strip, ...sound]);
  if (!isWhole(made)) return { previews: stills.previews, missing: whyMissing(made) };
  const tiles: PreviewKind[] = strip.length > 0 ? ['strip'] : [];
  const film = await unlessCut(task, 'proxy');
  const drawn = await drawSound(task, io);
  const previews = [...stills.previews, ...film.previews, ...tiles, ...drawn.previews];
  return { previews, missing: film.missing ?? drawn.missing };
}

/** Makes previews of sound in any format. The waveform of a WAVE file comes from its own samples. */
export async function makeSoundPreview(task: MovieTask, io: StageIo, drawn: boolean): Promise<Made> {
  const aac = ['-map', '0:a:0', '-ac', '2', '-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'];
  const sound = [...aac, '-fs', String(task.maxBytes), '-f', 'mp4', outputIn(task, 'sound')];
  const made = await runLong(task, io, ['-vn', ...sound, ...(drawn ? [] : waveformSource(task, '0:a:0'))]);
  if (!isWhole(made)) return { previews: [], missing: whyMissing(made) };
  const heard = await unlessCut(task, 'sound');
  const own = drawn ? nothing : await drawSound(task, io);
  return { previews: [...heard.previews, ...own.previews], missing: heard.missing ?? own.missing };
}

/** Drops a preview that ffmpeg cut at the maximum size: ffmpeg ends then as it does at the end of the film. */
async function unlessCut(task: MovieTask, kind: 'proxy' | 'sound'): Promise<Made> {
  const isCut = (await sizeOf(join(task.folder, kind))) >= task.maxBytes;
  return isCut ? { previews: [], missing: { reason: 'no_space' } } : { previews: [kind], missing: null };
}

/** Makes poster and thumbnail from a moment some way into the film, after black and countdown. */
export async function makeStills(task: MovieTask, { signal }: StageIo): Promise<Made> {
  const seconds = (task.report?.durationMs ?? 0) / 1000;
  const isStill = task.format === 'exr' || task.format === 'dpx';
  // Falls back to the start when the film has no picture there.
  const starts = seconds > 2 ? [Math.min(seconds / 10, 60), 0] : [0];
  let end: ProgramEnd | undefined;
  for (const start of starts) {
    const still = (kind: 'poster' | 'thumbnail', width: number, height: number) => [
      ...['-map', '0:v:0', '-frames:v', '1', '-vf', scaled(width, height), '-pix_fmt', 'yuvj420p'],
      ...['-q:v', kind === 'poster' ? '3' : '5', '-f', 'mjpeg', outputIn(task, kind)],
    ];
    end = await runFfmpeg({
      ...task,
      input: [
        ...decoderOptions(task.report),
        ...(task.format === 'exr' ? ['-apply_trc', 'iec61966_2_1'] : []),
        ...(start > 0 ? ['-ss', start.toFixed(3)] : []),
      ],
      outputs: [
        '-an',
        ...still('poster', isStill ? 1920 : 1280, isStill ? 1080 : 720),
        ...still('thumbnail', 320, 320),
      ],
      limits: posterLimits,
      signal,
    });
    if (isWhole(end) && (await isThere(task, 'poster')) && (await isThere(task, 'thumbnail')))
      return { previews: ['poster', 'thumbnail'], missing: null };
  }
  return { previews: [], missing: whyMissing(end!) };
}

/** Returns even sizes for square pixels, never larger than the original. */
function scaled(width: number, height: number): string {
  return `scale=w='max(2,trunc(min(${width},oh*dar)/2)*2)':h='max(2,trunc(min(ih,min(${height},${width}/dar))/2)*2)',setsar=1`;
}

function filtersOf(task: MovieTask): string[] {
  const seconds = (task.report?.durationMs ?? 0) / 1000;
  const picture = `[0:v:0]${scaled(1920, 540)}`;
  const tiles = `fps=${stripTiles}/${seconds.toFixed(3)},scale=${tileWidth}:-2,tile=${stripColumns}x${stripRows}`;
  const graph =
    seconds > 0 ? `${picture},split=2[proxy][moments];[moments]${tiles}[strip]` : `${picture}[proxy]`;
  const tracks = pairOf(task);
  const pair = tracks ? `;[0:a:0][0:a:1]join=inputs=2:channel_layout=stereo,asplit=2[heard][drawn]` : '';
  return ['-filter_complex', graph + pair];
}

function outputsFor(task: MovieTask) {
  const hasSound = soundTracks(task).length > 0;
  const pair = pairOf(task);
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '26',
    '-profile:v',
    'high',
    '-pix_fmt',
    'yuv420p',
  ];
  const aac = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'];
  const heard = hasSound ? ['-map', pair ? '[heard]' : '0:a:0', ...aac] : [];
  return {
    proxy: [
      ...['-map', '[proxy]', ...heard, ...h264, '-force_key_frames', 'expr:gte(t,n_forced*2)'],
      ...['-map_metadata', '-1', '-movflags', '+faststart', '-fs', String(task.maxBytes)],
      ...['-f', 'mp4', outputIn(task, 'proxy')],
    ],
    strip:
      (task.report?.durationMs ?? 0) > 0
        ? [
            '-map',
            '[strip]',
            '-frames:v',
            '1',
            '-q:v',
            '6',
            '-pix_fmt',
            'yuvj420p',
            '-f',
            'mjpeg',
            outputIn(task, 'strip'),
          ]
        : [],
    sound: hasSound ? waveformSource(task, pair ? '[drawn]' : '0:a:0') : [],
  };
}

function waveformSource(task: MovieTask, track: string): string[] {
  const pcm = [
    '-ac',
    '2',
    '-ar',
    String(waveformRate),
    '-c:a',
    'pcm_s16le',
    '-fs',
    String(maxDrawnBytes(task)),
    '-f',
    'wav',
  ];
  return ['-map', track, ...pcm, join(task.folder, waveformFile)];
}

const waveformFile = 'waveform.wav';

/**
 * Draws the waveform. Sound that was cut at the maximum size would be drawn as if it were complete, so it is not drawn.
 */
async function drawSound(task: MovieTask, io: StageIo): Promise<Made> {
  const path = join(task.folder, waveformFile);
  const sizeBytes = await sizeOf(path);
  if (sizeBytes === 0) return nothing;
  const isCut = sizeBytes >= maxDrawnBytes(task);
  const peaks = isCut ? null : await waveformOf(path, { ...io, progress: () => {} });
  await rm(path);
  if (isCut) return { previews: [], missing: { reason: 'no_space' } };
  if (!peaks) return nothing;
  await writeFile(join(task.folder, 'peaks'), peaks);
  return { previews: ['peaks'], missing: null };
}

/** Returns the maximum size of the waveform's source: nine hours of sound, or the room that is left. */
function maxDrawnBytes({ maxBytes }: MovieTask): number {
  return Math.min(gibibyte, maxBytes);
}

function runLong(task: MovieTask, io: StageIo, outputs: readonly string[]): Promise<ProgramEnd> {
  const durationMs = task.report?.durationMs ?? 0;
  return runFfmpeg({
    ...task,
    input: decoderOptions(task.report),
    outputs,
    // The waveform's source is the only file that may be larger than the proxy.
    limits: {
      timeMs: timeLimitFor(durationMs),
      fileBytes: Math.max(task.maxBytes, gibibyte) + 16 * mebibyte,
      memoryBytes,
    },
    signal: io.signal,
    onTime: (ms) => durationMs > 0 && io.progress(Math.min(0.99, ms / durationMs)),
  });
}

function soundTracks({ report }: MovieTask): SoundTrack[] {
  return (report?.tracks ?? []).filter((track): track is SoundTrack => track.kind === 'sound');
}

/** Returns true for left and right as two tracks of one channel, as is usual in QuickTime and MXF. */
function pairOf(task: MovieTask): boolean {
  const [first, second] = soundTracks(task);
  return first?.channels === 1 && second?.channels === 1;
}

function isWhole({ code, tookTooLong }: ProgramEnd): boolean {
  return code === 0 && !tookTooLong;
}

function outputIn({ folder }: MovieTask, kind: PreviewKind): string {
  return `file:${join(folder, kind)}`;
}

async function isThere({ folder }: MovieTask, kind: PreviewKind): Promise<boolean> {
  return (await sizeOf(join(folder, kind))) > 0;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
