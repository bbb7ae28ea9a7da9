/** Computes the waveform of a WAVE file: the lowest and highest sample of each stretch, by channel. */
import { maxPeakPairs, writePeaks } from '@turnover/domain/media/peaks';
import { readSound, type FeedSound, type Sound } from '../signal/wave-sound.ts';
import type { StageIo } from '../stage.ts';

const finestPairsPerSecond = 100;

/** Returns bytes in the format of `peaks.ts`; null when the file is not PCM sound in a WAVE file, or contains none. */
export async function waveformOf(path: string, io: StageIo): Promise<Uint8Array | null> {
  let waveform: ReturnType<typeof drawWaveform> | undefined;
  await readSound(path, io, (sound) => (waveform = drawWaveform(sound)).feed);
  return waveform?.result() ?? null;
}

function drawWaveform({ channels, sampleRate, frames: length }: Sound) {
  const finest = Math.round(sampleRate / finestPairsPerSecond);
  const framesPerPair = Math.max(1, finest, Math.ceil((length * channels) / maxPeakPairs));
  const count = Math.ceil(length / framesPerPair);
  const pairs = Array.from({ length: channels }, () => new Int8Array(count * 2));
  let position = 0;

  function draw(samples: Float64Array, frames: number, into: Int8Array): void {
    for (let at = 0; at < frames;) {
      const pair = Math.floor((position + at) / framesPerPair);
      const end = Math.min(frames, (pair + 1) * framesPerPair - position);
      // Continues the stretch that the last piece of the file left unfinished.
      let [low, high] = [into[pair * 2]!, into[pair * 2 + 1]!];
      for (; at < end; at += 1) {
        const value = samples[at]! * 127;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      into[pair * 2] = Math.max(-127, Math.round(low));
      into[pair * 2 + 1] = Math.min(127, Math.round(high));
    }
  }

  const feed: FeedSound = (samples, frames) => {
    samples.forEach((channel, at) => draw(channel, frames, pairs[at]!));
    position += frames;
  };
  return {
    feed,
    result: () =>
      count === 0 ? null : writePeaks({ channels, pairsPerSecond: sampleRate / framesPerPair, pairs }),
  };
}
