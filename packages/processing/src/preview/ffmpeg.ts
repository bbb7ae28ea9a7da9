/** Finds ffmpeg on the machine, and runs it safely on untrusted files. */
import { spawnSync } from 'node:child_process';
import type { MediaReport } from '@turnover/domain/media/media-report';
import type { FormatName } from '../inspect/formats.ts';
import { runProgram, type ProgramEnd, type ProgramLimits } from '../run-program.ts';

export type Ffmpeg = { version: string };

/**
 * The only demuxer that may open a file of each format, so that no file makes ffmpeg open another file or an address.
 */
const demuxers: Partial<Record<FormatName, string>> = {
  quicktime: 'mov',
  mp4: 'mov',
  m4a: 'mov',
  mxf: 'mxf',
  matroska: 'matroska',
  avi: 'avi',
  transport_stream: 'mpegts',
  program_stream: 'mpeg',
  flash_video: 'flv',
  asf: 'asf',
  gxf: 'gxf',
  wave: 'wav',
  wave64: 'w64',
  aiff: 'aiff',
  flac: 'flac',
  mpeg_audio: 'mp3',
  aac: 'aac',
  ogg: 'ogg',
  ac3: 'ac3',
  caf: 'caf',
  exr: 'exr_pipe',
  dpx: 'dpx_pipe',
  photoshop: 'psd_pipe',
  jpeg2000: 'j2k_pipe',
};

export function hasDemuxer(format: FormatName): boolean {
  return demuxers[format] !== undefined;
}

let found: Ffmpeg | null | undefined;

/** Returns null when the PATH has no ffmpeg, or one that cannot encode H.264 and AAC. Looks once in each thread. */
export function findFfmpeg(): Ffmpeg | null {
  if (found === undefined) found = lookForFfmpeg();
  return found;
}

function lookForFfmpeg(): Ffmpeg | null {
  const asked = spawnSync('ffmpeg', ['-encoders'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 10_000,
  });
  if (asked.status !== 0 || !/ libx264 /.test(asked.stdout) || !/ aac /.test(asked.stdout)) return null;
  return { version: /version (\S{1,40})/.exec(asked.stderr)?.[1] ?? 'unknown' };
}

type Decoding = {
  path: string;
  format: FormatName;
  /** Options of the input, such as the start position. */
  input?: readonly string[];
  /** Filters, and each output with its options. */
  outputs: readonly string[];
  limits: ProgramLimits;
  signal: AbortSignal;
  /** Progress: how much of the run time ffmpeg has read, in milliseconds. */
  onTime?: (ms: number) => void;
  /** Receives each line of the log, which holds what filters measure. Without this option, ffmpeg logs only errors. */
  onLog?: (line: string) => void;
};

const minute = 60_000;
/** Time limit, as a multiple of the run time. A machine with two cores needs about once the run time. */
const slowest = 20;
const shortestLimitMs = 10 * minute;
const longestLimitMs = 12 * 60 * minute;

/** Returns the time limit for reading a whole file of this run time. */
export function timeLimitFor(durationMs: number): number {
  return Math.min(longestLimitMs, Math.max(shortestLimitMs, durationMs * slowest));
}

/**
 * Returns options for the decoder. JPEG 2000 contains smaller versions of the picture, which take a tenth of the time
 * to decode.
 */
export function decoderOptions(report: MediaReport | null): string[] {
  const picture = report?.tracks.find(({ kind }) => kind === 'picture');
  const isLarge = picture?.kind === 'picture' && (picture.width ?? 0) >= 1900;
  return isLarge && /jpeg ?2000/i.test(picture.codec ?? '') ? ['-lowres', '2'] : [];
}

/** A picture with more pixels than this (16,384 × 16,384) is treated as a decompression bomb. */
const maxPixels = 16_384 ** 2;
const maxAllocationBytes = 1024 ** 3;

export function runFfmpeg({
  path,
  format,
  input = [],
  outputs,
  limits,
  signal,
  onTime,
  onLog,
}: Decoding): Promise<ProgramEnd> {
  const demuxer = demuxers[format];
  if (!demuxer) throw new Error(`There is no demuxer for ${format}.`);
  const args = [
    ...['-nostdin', '-hide_banner', '-nostats', '-y', '-loglevel', onLog ? 'info' : 'error'],
    ...['-max_alloc', String(maxAllocationBytes)],
    ...(onTime ? ['-progress', 'pipe:1', '-stats_period', '2'] : []),
    ...['-protocol_whitelist', 'file', '-format_whitelist', demuxer, '-max_pixels', String(maxPixels)],
    ...['-threads', '2', ...input, '-f', demuxer, '-i', `file:${path}`, ...outputs],
  ];
  const onLine = onTime && ((line: string) => reportTime(line, onTime));
  return runProgram('ffmpeg', args, {
    limits,
    signal,
    ...(onLine && { onLine }),
    ...(onLog && { onErrorLine: onLog }),
  });
}

function reportTime(line: string, onTime: (ms: number) => void): void {
  const microseconds = /^out_time_us=(\d+)$/.exec(line)?.[1];
  if (microseconds !== undefined) onTime(Number(microseconds) / 1000);
}
