import { expect, test } from 'vitest';
import { ffmpegLog } from './ffmpeg-log.ts';

const read = (text: string, seconds = 10) => {
  const log = ffmpegLog();
  for (const line of text.split('\n')) log.read(line);
  return log.result(seconds);
};

test('reads what ffmpeg 5 writes', () => {
  const found = read(`[ebur128@s0 @ 0x5632] Summary:

  Integrated loudness:
    I:         -70.0 LUFS

  True peak:
    Peak:       -inf dBFS
[freezedetect @ 0x5556222b0280] lavfi.freezedetect.freeze_start: 6
[blackdetect @ 0x5556222af240] black_start:0 black_end:3 black_duration:3
[silencedetect @ 0x1] silence_start: -0.0125
[silencedetect @ 0x1] silence_end: 5.5 | silence_duration: 5.5125
[aphasemeter @ 0x1] out_phase_start: 1
[aphasemeter @ 0x1] out_phase_end: 4 | out_phase_duration: 3
[ebur128@s0 @ 0x5633] Summary:

  Integrated loudness:
    I:         -30.6 LUFS
    Threshold: -40.6 LUFS

  Loudness range:
    LRA:         1.5 LU
    Threshold:   0.0 LUFS

  Sample peak:
    Peak:      -22.7 dBFS

  True peak:
    Peak:      -22.5 dBFS
[astats@s0 @ 0x1] Channel: 1
[astats@s0 @ 0x1] Peak level dB: -22.718101
[astats@s0 @ 0x1] Channel: 2
[astats@s0 @ 0x1] Peak level dB: -inf`);
  expect(found).toMatchObject({
    black: [{ from: 0, to: 3 }],
    freeze: [{ from: 6, to: 10 }],
    silence: [{ from: -0.0125, to: 5.5 }],
    inverted: [{ from: 1, to: 4 }],
    mono: [],
    clips: [],
  });
  expect(found.sounds.get('s0')).toEqual({
    loudness: { integrated: -30.6, range: 1.5, maxMomentary: null, maxShortTerm: null },
    samplePeak: -22.7,
    truePeak: -22.5,
    channelPeaks: [-22.718101, null],
  });
});

test('reads where the channels are clipped, without the silence before and behind the sound', () => {
  const found = read(`[silencedetect @ 0x1] channel: 0 | silence_start: 0
[silencedetect @ 0x1] channel: 1 | silence_start: 0
[silencedetect @ 0x1] channel: 1 | silence_end: 4 | silence_duration: 4
[silencedetect @ 0x1] channel: 1 | silence_start: 5.5
[silencedetect @ 0x1] channel: 0 | silence_end: 12 | silence_duration: 12
[silencedetect @ 0x1] channel: 1 | silence_end: 12 | silence_duration: 6.5`);
  expect(found.clips).toEqual([{ channel: 1, from: 3, to: 4.5 }]);
  expect(found.silence).toEqual([]);
});

test('also reads the channels of a sound before its summary', () => {
  const found = read(`[astats@s1 @ 0x1] Channel: 1
[astats@s1 @ 0x1] Peak level dB: -3.5
[ebur128@s1 @ 0x2] Summary:
[astats@s1 @ 0x3] Channel: 1
[astats@s1 @ 0x3] Peak level dB: -18.1
[ebur128@s1 @ 0x4] Summary:

  Sample peak:
    Peak:      -18.1 dBFS`);
  expect(found.sounds.get('s1')).toMatchObject({ samplePeak: -18.1, channelPeaks: [-18.1] });
});

test('metadata of a file cannot pass for a measurement', () => {
  const found = read(`    title           : [blackdetect @ 0x1] black_start:0 black_end:9
[blackdetect] black_start:0 black_end:9
    comment         : I:         -23.0 LUFS
[constructor @ 0x1] silence_start: 1`);
  expect(found).toEqual({
    black: [],
    freeze: [],
    silence: [],
    mono: [],
    inverted: [],
    clips: [],
    sounds: new Map(),
  });
});

test('keeps a bounded number of spans', () => {
  const line = '[blackdetect @ 0x1] black_start:1 black_end:2 black_duration:1\n';
  expect(read(line.repeat(5000)).black).toHaveLength(200);
});

test('keeps the longest of very many passages', () => {
  const black = (from: number, seconds: number) =>
    `[blackdetect @ 0x1] black_start:${from} black_end:${from + seconds} black_duration:${seconds}`;
  const short = Array.from({ length: 300 }, (_none, at) => black(at * 2, 1));
  const found = read([...short, black(1000, 60)].join('\n'));
  expect(found.black).toHaveLength(200);
  expect(found.black.at(-1)).toEqual({ from: 1000, to: 1060 });
});
