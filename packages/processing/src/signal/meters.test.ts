import { describe, expect, test } from 'vitest';
import { faultFinder } from './faults.ts';
import { loudnessMeter } from './loudness.ts';
import { decoderOf } from './pcm.ts';
import { peakMeter } from './peaks.ts';

const rate = 48_000;

type Part = {
  seconds: number;
  /** For each channel: the peak in dBFS; null: silent. */ levels: (number | null)[];
};

/** Sines of 1 kHz, one part after the other, in pieces of irregular length. */
function* tones(parts: readonly Part[], hertz = 1000, sampleRate = rate): Generator<Float64Array[]> {
  for (const { seconds, levels } of parts) {
    const total = Math.round(seconds * sampleRate);
    for (let from = 0; from < total;) {
      const frames = Math.min(7777, total - from);
      const begin = from;
      yield levels.map((level) => {
        const amplitude = level === null ? 0 : 10 ** (level / 20);
        return Float64Array.from(
          { length: frames },
          (_, at) => amplitude * Math.sin((2 * Math.PI * hertz * (begin + at)) / sampleRate),
        );
      });
      from += frames;
    }
  }
}

function loudnessOf(
  parts: readonly Part[],
  { sampleRate = rate, layout }: { sampleRate?: number; layout?: string } = {},
) {
  const meter = loudnessMeter({ channels: parts[0]!.levels.length, layout }, sampleRate);
  for (const channels of tones(parts, 1000, sampleRate)) meter.feed(channels, channels[0]!.length);
  return meter.result();
}

const stereo = (seconds: number, level: number): Part => ({ seconds, levels: [level, level] });

describe('loudness (EBU Tech 3341)', () => {
  test.each<[string, Part[], number]>([
    ['case 1', [stereo(20, -23)], -23],
    ['case 2', [stereo(20, -33)], -33],
    ['case 3', [stereo(10, -36), stereo(60, -23), stereo(10, -36)], -23],
    ['case 4', [stereo(10, -72), stereo(10, -36), stereo(60, -23), stereo(10, -36), stereo(10, -72)], -23],
    ['case 5', [stereo(20, -26), stereo(20.1, -20), stereo(20, -26)], -23],
    ['case 6', [{ seconds: 20, levels: [-28, -28, -24, null, -30, -30] }], -23],
  ])('%s', (_, parts, expected) => {
    expect(Math.abs(loudnessOf(parts).integrated! - expected)).toBeLessThan(0.1);
  });

  const repeated = (times: number, ...parts: Part[]) => Array.from({ length: times }, () => parts).flat();

  test('case 9: the loudness of 3 s', () => {
    const { maxShortTerm } = loudnessOf(repeated(5, stereo(1.34, -20), stereo(1.66, -30)));
    expect(Math.abs(maxShortTerm! + 23)).toBeLessThan(0.1);
  });

  test('case 12: the loudness of 0.4 s', () => {
    const { maxMomentary } = loudnessOf(repeated(25, stereo(0.18, -20), stereo(0.22, -30)));
    expect(Math.abs(maxMomentary! + 23)).toBeLessThan(0.1);
  });

  // One channel of the layout sounds, at -20 dBFS. Alone in front it has a loudness of -23 LUFS.
  test.each<[string, string | undefined, number, number | null]>([
    ['mono', 'C', 0, -23],
    ['the left of stereo', 'L R', 0, -23],
    ['the LFE of 2.1', 'L R LFE', 2, null],
    ['the LFE of 3.1', 'L R C LFE', 3, null],
    ['the back of quad', 'L R Lb Rb', 3, -21.5],
    ['the surround of 4.0', 'L R C Cb', 3, -21.5],
    ['the surround of 5.0', 'L R C Ls Rs', 4, -21.5],
    ['the back of 5.1', 'L R C LFE Lb Rb', 5, -21.5],
    ['the LFE of 5.1', 'L R C LFE Ls Rs', 3, null],
    ['the back of 6.1', 'L R C LFE Cb Ls Rs', 4, -21.5],
    ['the side of 7.1', 'L R C LFE Lb Rb Ls Rs', 7, -21.5],
    ['the top of 5.1.2', 'L R C LFE Ls Rs Tfl Tfr', 7, -23],
    ['the fourth of five channels without a layout', undefined, 3, -21.5],
  ])('weighs %s', (_, layout, sounding, expected) => {
    const channels = layout?.split(' ').length ?? 5;
    const levels = Array.from({ length: channels }, (_, channel) => (channel === sounding ? -20 : null));
    const { integrated } = loudnessOf([{ seconds: 2, levels }], { layout });
    if (expected === null) expect(integrated).toBeNull();
    else expect(Math.abs(integrated! - expected)).toBeLessThan(0.1);
  });

  test.each([44_100, 96_000])('at %i Hz', (sampleRate) => {
    expect(Math.abs(loudnessOf([stereo(5, -23)], { sampleRate }).integrated! + 23)).toBeLessThan(0.1);
  });

  test('the maxima of both windows', () => {
    const { maxMomentary, maxShortTerm } = loudnessOf([stereo(5, -40), stereo(1, -20), stereo(5, -40)]);
    expect(Math.abs(maxMomentary! + 20)).toBeLessThan(0.1);
    expect(maxShortTerm).toBeLessThan(-24);
  });

  test('silence has no loudness', () => {
    expect(loudnessOf([{ seconds: 5, levels: [null, null] }])).toEqual({
      integrated: null,
      range: null,
      maxMomentary: null,
      maxShortTerm: null,
    });
  });

  test('sound shorter than a window has no loudness either', () => {
    expect(loudnessOf([stereo(0.3, -23)])).toMatchObject({ integrated: null, range: null });
  });
});

describe('loudness range (EBU Tech 3342)', () => {
  test.each<[string, Part[], number]>([
    ['case 1', [stereo(20, -20), stereo(20, -30)], 10],
    ['case 2', [stereo(20, -20), stereo(20, -15)], 5],
    ['case 3', [stereo(20, -40), stereo(20, -20)], 20],
    ['case 4', [stereo(20, -50), stereo(20, -35), stereo(20, -20), stereo(20, -35), stereo(20, -50)], 15],
  ])('%s', (_, parts, expected) => {
    expect(Math.abs(loudnessOf(parts).range! - expected)).toBeLessThan(1);
  });
});

describe('peaks', () => {
  const decibels = (amplitude: number) => 20 * Math.log10(amplitude);

  /** A sine at a quarter of the sample rate whose samples miss the crest by 45 degrees. */
  function quarter(amplitude: number, frames: number): Float64Array {
    return Float64Array.from(
      { length: frames },
      (_, at) => amplitude * Math.sin((Math.PI / 2) * at + Math.PI / 4),
    );
  }

  test('the true peak lies between the samples', () => {
    const meter = peakMeter(1);
    // Fades in, because an abrupt start would ring.
    const tone = quarter(0.5, 20_000).map((value, at) => value * Math.min(1, at / 5000));
    for (let from = 0; from < tone.length; from += 777) {
      const piece = tone.subarray(from, from + 777);
      meter.feed([piece], piece.length);
    }
    const { sample, real } = meter.result();
    expect(decibels(sample)).toBeCloseTo(-9.03, 1);
    expect(decibels(real)).toBeGreaterThan(-6.4);
    expect(decibels(real)).toBeLessThan(-5.8);
  });

  test('finds a peak across the border of two pieces', () => {
    const tone = quarter(0.9, 4096).map((value, at) => value * Math.exp(-(((at - 2048) / 300) ** 2)));
    const whole = peakMeter(1);
    whole.feed([tone], tone.length);
    const split = peakMeter(1);
    split.feed([tone.subarray(0, 2048)], 2048);
    split.feed([tone.subarray(2048)], 2048);
    expect(split.result().real).toBeCloseTo(whole.result().real, 10);
  });

  test('silence has no peak', () => {
    const meter = peakMeter(2);
    meter.feed([new Float64Array(100), new Float64Array(100)], 100);
    expect(meter.result()).toEqual({ sample: 0, real: 0 });
  });
});

describe('faults', () => {
  function faultsOf(channels: readonly Float64Array[], silenceSeconds = 5) {
    const finder = faultFinder(channels.length, rate, silenceSeconds);
    const frames = channels[0]!.length;
    for (let from = 0; from < frames; from += 9999) {
      const pieces = channels.map((samples) => samples.subarray(from, from + 9999));
      finder.feed(pieces, pieces[0]!.length);
    }
    return finder.result();
  }
  const tone = (seconds: number, amplitude = 0.5, hertz = 440) =>
    Float64Array.from(
      { length: seconds * rate },
      (_, at) => amplitude * Math.sin((2 * Math.PI * hertz * at) / rate),
    );
  const join = (...parts: Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));

  test('are not reported for a good tone', () => {
    expect(faultsOf([tone(2), tone(2, 0.4, 441)])).toEqual([]);
  });

  test('include silence of five seconds, with its position', () => {
    const quiet = join(tone(1), new Float64Array(5 * rate), tone(1));
    const [silence, ...more] = faultsOf([quiet]);
    expect(silence).toMatchObject({ code: 'silence', measured: '5.0 s', wanted: 'at most 5 s' });
    expect(Math.abs(silence!.fromMs! - 1000)).toBeLessThan(5);
    expect(Math.abs(silence!.toMs! - 6000)).toBeLessThan(5);
    expect(more).toEqual([]);
    expect(faultsOf([join(tone(1), new Float64Array(4.9 * rate), tone(1))])).toEqual([]);
    expect(faultsOf([quiet], 6)).toEqual([]);
    expect(faultsOf([join(tone(1), new Float64Array(rate), tone(1))], 0.5)).toHaveLength(1);
  });

  test('include silence at the start and the end', () => {
    const codes = faultsOf([join(new Float64Array(6 * rate), tone(1), new Float64Array(6 * rate))]);
    expect(codes.map(({ code }) => code)).toEqual(['silence', 'silence']);
  });

  test('include a silent file, and one silent channel of two', () => {
    expect(faultsOf([new Float64Array(rate), new Float64Array(rate)])).toEqual([{ code: 'silent_file' }]);
    expect(faultsOf([tone(1), new Float64Array(rate)])).toEqual([{ code: 'channel_silent', measured: '2' }]);
  });

  test('include clipping, once per second, with channel and position', () => {
    const clipped = tone(3, 1.5).map((value) => Math.max(-1, Math.min(1, value)));
    const found = faultsOf([tone(3, 0.4, 300), clipped]);
    expect(found.map(({ code, measured }) => [code, measured])).toEqual(Array(3).fill(['clipping', '2']));
    expect(found[0]!.fromMs).toBeLessThan(2);
  });

  test('do not include a single sample at full scale', () => {
    const samples = tone(1);
    samples[100] = 1;
    expect(faultsOf([samples])).toEqual([]);
  });

  test('include dual mono and inverted phase', () => {
    const left = tone(1);
    expect(faultsOf([left, left.slice()])).toEqual([{ code: 'dual_mono' }]);
    expect(faultsOf([left, left.map((value) => -value)])).toEqual([
      { code: 'phase_inverted', measured: '-1.00' },
    ]);
  });
});

describe('decoding', () => {
  test.each<[number, boolean, Buffer, number[]]>([
    [8, false, Buffer.from([0, 128, 255]), [-1, 0, 127 / 128]],
    [16, false, Buffer.from([0x00, 0x80, 0, 0, 0xff, 0x7f]), [-1, 0, 32_767 / 32_768]],
    [24, false, Buffer.from([0, 0, 0x80, 0, 0, 0, 0xff, 0xff, 0x7f]), [-1, 0, 8_388_607 / 8_388_608]],
    [32, false, Buffer.from([0, 0, 0, 0x80, 0, 0, 0, 0]), [-1, 0]],
    [32, true, Buffer.from(Float32Array.of(-1, 0.5, NaN, Infinity).buffer), [-1, 0.5, 0, 0]],
    [64, true, Buffer.from(Float64Array.of(-1, 0.25).buffer), [-1, 0.25]],
  ])('%i bits, float %s', (bits, isFloat, bytes, expected) => {
    const into = [new Float64Array(expected.length)];
    decoderOf({ channels: 1, sampleRate: rate, bits, isFloat })!(bytes, expected.length, into);
    expect([...into[0]!]).toEqual(expected);
  });

  test('separates channels', () => {
    const into = [new Float64Array(2), new Float64Array(2)];
    decoderOf({ channels: 2, sampleRate: rate, bits: 8, isFloat: false })!(
      Buffer.from([0, 128, 128, 0]),
      2,
      into,
    );
    expect(into.map((samples) => [...samples])).toEqual([
      [-1, 0],
      [0, -1],
    ]);
  });

  test.each([0, 12, 20, 48])('supports no samples of %i bits', (bits) => {
    expect(decoderOf({ channels: 1, sampleRate: rate, bits, isFloat: false })).toBeNull();
  });
});
