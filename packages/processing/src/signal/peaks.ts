/**
 * Sample peak and true peak (BS.1770-4, annex 2). The true peak lies between the samples and is found by fourfold
 * oversampling.
 */

export type PeakMeter = {
  feed(channels: readonly Float64Array[], frames: number): void;
  /** As amplitudes; 1 is full scale. */
  result(): { sample: number; real: number };
};

const phases = 4;
const tapsPerPhase = 12;

/** A windowed sinc: `filter[phase][tap]`. */
const filter = Array.from({ length: phases }, (_, phase) =>
  Float64Array.from({ length: tapsPerPhase }, (_, tap) => {
    const length = phases * tapsPerPhase;
    const position = tap * phases + phase;
    const x = (position - (length - 1) / 2) / phases;
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (position + 0.5)) / length);
    return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  }),
);
/** The largest factor by which a value between samples can exceed the samples around it. */
const maxGain = Math.max(...filter.map((taps) => taps.reduce((sum, tap) => sum + Math.abs(tap), 0)));
/**
 * Number of samples that are checked together. Only stretches that may contain a new maximum are oversampled, which
 * skips most of a programme.
 */
const stretch = 256;

export function peakMeter(channelCount: number): PeakMeter {
  const tails = Array.from({ length: channelCount }, () => new Float64Array(tapsPerPhase - 1));
  let sample = 0;
  let real = 0;

  function measure(samples: Float64Array, frames: number, tail: Float64Array): void {
    const joined = new Float64Array(tail.length + frames);
    joined.set(tail);
    joined.set(samples.subarray(0, frames), tail.length);
    for (let from = 0; from < frames; from += stretch) {
      const to = Math.min(frames, from + stretch);
      let largest = 0;
      for (let at = from; at < to + tail.length; at += 1) largest = Math.max(largest, Math.abs(joined[at]!));
      sample = Math.max(sample, largest);
      if (largest * maxGain > real) oversample(joined, from, to);
    }
    tail.set(joined.subarray(joined.length - tail.length));
  }

  function oversample(joined: Float64Array, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      for (const taps of filter) {
        let value = 0;
        for (let tap = 0; tap < tapsPerPhase; tap += 1) {
          value += taps[tap]! * joined[at + tapsPerPhase - 1 - tap]!;
        }
        real = Math.max(real, Math.abs(value));
      }
    }
  }

  return {
    feed(channels, frames) {
      channels.forEach((samples, channel) => measure(samples, frames, tails[channel]!));
    },
    result: () => ({ sample, real: Math.max(sample, real) }),
  };
}
