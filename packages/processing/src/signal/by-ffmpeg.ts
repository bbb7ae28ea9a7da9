/**
 * Measures picture and sound of any format that ffmpeg reads, in one process and one pass: black, freeze, loudness,
 * silence.
 */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { MediaReport, SoundTrack } from '@turnover/domain/media/media-report';
import type { HeldLimits } from '@turnover/domain/media/signal-limits';
import type { FormatName } from '../inspect/formats.ts';
import { decoderOptions, runFfmpeg, timeLimitFor } from '../preview/ffmpeg.ts';
import { whyMissing, type Missing } from '../preview/missing.ts';
import type { StageIo } from '../stage.ts';
import { clippedSamples, fullScale } from './faults.ts';
import {
  clipMarginSeconds,
  ffmpegLog,
  lengthOf,
  type FfmpegFindings,
  type HeardByFfmpeg,
  type Span,
} from './ffmpeg-log.ts';
import { lasting, loudnessProblems, peakProblems } from './judge.ts';
import type { Measurement } from './measure.ts';

export type MeasuredFile = { path: string; format: FormatName; report: MediaReport; limits: HeldLimits };
export type MeasuredSound = Omit<Measurement, 'problems'> & {
  tracks: number;
  /** The number of sound tracks that were measured. */
  measuredTracks: number;
};
/** `sound` is absent for a file without sound. */
export type MeasuredByFfmpeg = { problems: MediaProblem[]; sound: MeasuredSound | null };

const silenceDb = -60;
const memoryBytes = 3 * 1024 ** 3;
const maxSounds = 8;
/** Share of the run time from which a problem of passages counts as one of the whole file. */
const nearlyAll = 0.98;
const half = 0.5;
/** The log rounds moments, in seconds. */
const rounding = 0.001;

/** One soundtrack: a track, or several tracks of one channel each that are heard together. */
type Heard = { name: string; inputs: number[]; layout: string | null; channels: number; track: number };

export async function measureByFfmpeg(file: MeasuredFile, io: StageIo): Promise<MeasuredByFfmpeg | Missing> {
  const { report, limits } = file;
  const heard = soundsIn(report);
  const hasPicture = report.tracks.some(({ kind }) => kind === 'picture');
  const durationMs = report.durationMs ?? 0;
  const log = ffmpegLog();
  const end = await runFfmpeg({
    ...file,
    input: decoderOptions(report),
    outputs: outputsFor(heard, hasPicture, limits),
    limits: { timeMs: timeLimitFor(durationMs), fileBytes: 0, memoryBytes },
    signal: io.signal,
    onTime: (ms) => durationMs > 0 && io.progress(Math.min(0.99, ms / durationMs)),
    onLog: log.read,
  });
  if (end.code !== 0 || end.tookTooLong) return whyMissing(end);
  const found = log.result(durationMs / 1000);
  const [main] = heard;
  const sound = main && found.sounds.get(main.name);
  return {
    problems: [...pictureProblems(found, limits), ...soundProblems(found, heard, durationMs / 1000, limits)],
    sound: sound
      ? {
          loudness: sound.loudness,
          samplePeak: sound.samplePeak,
          truePeak: sound.truePeak,
          tracks: report.tracks.filter(({ kind }) => kind === 'sound').length,
          measuredTracks: heard.reduce((sum, { inputs }) => sum + inputs.length, 0),
        }
      : null,
  };
}

/** Channel layout of several tracks of one channel each, by their number. */
const joined = new Map<number, { layout: string; inputs: number[] }[]>([
  [2, [{ layout: 'stereo', inputs: [0, 1] }]],
  [6, [{ layout: '5.1', inputs: [0, 1, 2, 3, 4, 5] }]],
  [
    8,
    [
      { layout: '5.1', inputs: [0, 1, 2, 3, 4, 5] },
      { layout: 'stereo', inputs: [6, 7] },
    ],
  ],
]);

/** Returns the soundtracks of the file. The stage reports the loudness of the first one. */
export function soundsIn({ tracks }: MediaReport): Heard[] {
  const sounds = tracks.flatMap((track, position) =>
    track.kind === 'sound' ? [{ ...(track as SoundTrack), position }] : [],
  );
  const parts = joined.get(sounds.length);
  if (parts !== undefined && sounds.every(({ channels }) => channels === 1)) {
    return parts.map(({ layout, inputs }, at) => ({
      name: `s${at}`,
      inputs,
      layout,
      channels: inputs.length,
      track: sounds[inputs[0]!]!.position,
    }));
  }
  return sounds.slice(0, maxSounds).map(({ channels, position }, at) => ({
    name: `s${at}`,
    inputs: [at],
    layout: null,
    channels: channels ?? 0,
    track: position,
  }));
}

/**
 * Clipping, as `faults.ts` finds it: three neighbouring samples at full scale become a 1, and the sound between them is silence. A
 * second of silence before and after makes ffmpeg tell where the first one begins and the last one ends.
 */
const clipping = [
  String.raw`aeval=exprs=st(0\,if(gte(abs(val(ch))\,${fullScale})\,ld(0)+1\,0))*0+gte(ld(0)\,${clippedSamples}):c=same`,
  `adelay=${clipMarginSeconds * 1000}:all=1`,
  `apad=pad_dur=${clipMarginSeconds}`,
  'silencedetect=n=0.5:d=0.5:mono=1',
].join(',');

/**
 * Builds the filters. Silence, clipping and phase are measured for the first sound only, because the log of ffmpeg does not say
 * to which of several sounds they belong.
 */
function outputsFor(
  heard: readonly Heard[],
  hasPicture: boolean,
  { blackSeconds, freezeSeconds, silenceSeconds }: HeldLimits,
): string[] {
  const small = 'scale=480:-2:flags=fast_bilinear';
  // Black that is tolerated must be known too, because it is a still picture.
  const black = `blackdetect=d=${Math.min(blackSeconds, freezeSeconds)}:pix_th=0.10`;
  const freeze = `freezedetect=n=-60dB:d=${freezeSeconds}`;
  const picture = `[0:v:0]${small},${black},${freeze}[picture]`;
  const sounds = heard.map(({ name, inputs, layout, channels }, at) => {
    const from = inputs.map((input) => `[0:a:${input}]`).join('');
    const filters = [
      ...(layout === null ? [] : [`join=inputs=${inputs.length}:channel_layout=${layout}`]),
      ...(at > 0 ? [] : [`silencedetect=n=${silenceDb}dB:d=${silenceSeconds}`]),
      `ebur128@${name}=peak=sample+true:framelog=verbose`,
      `astats@${name}=measure_perchannel=Peak_level:measure_overall=none`,
      ...(at > 0 || channels !== 2 ? [] : ['aphasemeter=video=0:phasing=1']),
    ];
    const measured = `${from}${filters.join(',')}`;
    return at > 0 ? `${measured}[${name}]` : `${measured},asplit[${name}][all];[all]${clipping}[clips]`;
  });
  const names = [
    ...(hasPicture ? ['picture'] : []),
    ...heard.map(({ name }) => name),
    ...(heard.length > 0 ? ['clips'] : []),
  ];
  return [
    '-filter_complex',
    [...(hasPicture ? [picture] : []), ...sounds].join(';'),
    ...names.flatMap((name) => ['-map', `[${name}]`]),
    ...['-f', 'null', '-'],
  ];
}

function pictureProblems(
  { black, freeze }: FfmpegFindings,
  { blackSeconds, freezeSeconds }: HeldLimits,
): MediaProblem[] {
  // A black passage is frozen as well, and whether it lasts too long is a question of black.
  const frozen = freeze.filter(
    (span) => black.reduce((sum, dark) => sum + overlap(dark, span), 0) < half * lengthOf(span),
  );
  const tooLong = black.filter((span) => lengthOf(span) >= blackSeconds - rounding);
  const problem =
    (code: 'black' | 'freeze', wanted: number) =>
    (span: Span): MediaProblem => ({
      code,
      ...timesOf(span),
      ...lasting(lengthOf(span), wanted),
    });
  return [...tooLong.map(problem('black', blackSeconds)), ...frozen.map(problem('freeze', freezeSeconds))];
}

function soundProblems(
  found: FfmpegFindings,
  heard: readonly Heard[],
  seconds: number,
  limits: HeldLimits,
): MediaProblem[] {
  const problems: MediaProblem[] = [];
  const [main] = heard;
  for (const { name, track } of heard) {
    const sound = found.sounds.get(name);
    if (!sound) continue;
    if (isSilent(sound)) {
      problems.push({ code: 'silent_file', track });
      continue;
    }
    problems.push(
      ...loudnessProblems(sound.loudness.integrated, limits, track),
      ...peakProblems(sound.truePeak, limits, track),
    );
    for (const [channel, peak] of sound.channelPeaks.entries()) {
      if (peak === null || peak < silenceDb) {
        problems.push({ code: 'channel_silent', track, measured: String(channel + 1) });
      }
    }
  }
  const first = main && found.sounds.get(main.name);
  if (!main || !first || isSilent(first)) return problems;
  const { track } = main;
  if (share(found.mono, seconds) >= nearlyAll) problems.push({ code: 'dual_mono', track });
  const inverted = share(found.inverted, seconds);
  if (inverted >= half) {
    problems.push({ code: 'phase_inverted', track, measured: `${Math.round(inverted * 100)} %` });
  }
  return [
    ...problems,
    ...found.silence.map((span): MediaProblem => ({
      code: 'silence',
      track,
      ...timesOf(span),
      ...lasting(lengthOf(span), limits.silenceSeconds),
    })),
    ...found.clips.map(({ channel, ...span }): MediaProblem => ({
      code: 'clipping',
      track,
      ...timesOf(span),
      measured: String(channel + 1),
    })),
  ];
}

function isSilent({ samplePeak }: HeardByFfmpeg): boolean {
  return samplePeak === null || samplePeak < silenceDb;
}

function share(spans: readonly Span[], seconds: number): number {
  return seconds > 0 ? spans.reduce((sum, span) => sum + lengthOf(span), 0) / seconds : 0;
}

function overlap(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
}

function timesOf({ from, to }: Span) {
  return { fromMs: Math.max(0, Math.round(from * 1000)), toMs: Math.max(0, Math.round(to * 1000)) };
}
