/** Measures the sound of a WAVE file in one pass: loudness, peaks, silence, clipping and phase. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { mebibyte, openFile } from '../inspect/source.ts';
import { readChunks } from '../inspect/wave/chunks.ts';
import { readWaveFormat } from '../inspect/wave/format.ts';
import type { StageIo } from '../stage.ts';
import { faultFinder } from './faults.ts';
import { loudnessMeter, type Loudness } from './loudness.ts';
import { decoderOf, type PcmFormat } from './pcm.ts';
import { peakMeter } from './peaks.ts';

export type Measurement = {
  loudness: Loudness;
  /** In dBFS and dBTP; null: there is no sound at all. */
  samplePeak: number | null;
  truePeak: number | null;
  problems: MediaProblem[];
};

const headBytes = 4 * mebibyte;
const pieceBytes = mebibyte;
/** About 0.1 s of work between two turns of the event loop, where cancel messages arrive. */
const bytesPerTurn = 4 * mebibyte;
const maxChannels = 64;

type Sound = PcmFormat & { at: number; sizeBytes: number };

/** Null when the file is no PCM sound in a WAVE file. */
export async function measureSound(path: string, { signal, progress }: StageIo): Promise<Measurement | null> {
  const file = openFile(path);
  try {
    const sound = findSound(file.limitedTo(headBytes));
    const decode = sound && decoderOf(sound);
    if (!sound || !decode) return null;
    const frameBytes = (sound.bits / 8) * sound.channels;
    const pieceFrames = Math.max(1, Math.floor(pieceBytes / frameBytes));
    const channels = Array.from({ length: sound.channels }, () => new Float64Array(pieceFrames));
    const loudness = loudnessMeter(sound.channels, sound.sampleRate);
    const peaks = peakMeter(sound.channels);
    const faults = faultFinder(sound.channels, sound.sampleRate);
    const source = file.limitedTo(Infinity);
    const end = Math.min(sound.at + sound.sizeBytes, file.sizeBytes);
    for (let at = sound.at, sinceTurn = 0; at + frameBytes <= end;) {
      const bytes = source.read(at, Math.min(pieceFrames * frameBytes, end - at));
      const frames = Math.floor(bytes.length / frameBytes);
      if (frames === 0) break;
      decode(bytes, frames, channels);
      loudness.feed(channels, frames);
      peaks.feed(channels, frames);
      faults.feed(channels, frames);
      at += frames * frameBytes;
      sinceTurn += bytes.length;
      if (sinceTurn >= bytesPerTurn) {
        sinceTurn = 0;
        progress((at - sound.at) / (end - sound.at));
        await nextTurn();
        signal.throwIfAborted();
      }
    }
    const { sample, real } = peaks.result();
    const problems = faults.result();
    const truePeak = decibels(real);
    if (truePeak !== null && truePeak > 0) {
      problems.unshift({ code: 'true_peak_high', measured: `${truePeak.toFixed(1)} dBTP`, wanted: '0 dBTP' });
    }
    return { loudness: loudness.result(), samplePeak: decibels(sample), truePeak, problems };
  } finally {
    file.close();
  }
}

function findSound(source: ReturnType<ReturnType<typeof openFile>['limitedTo']>): Sound | null {
  const chunks = readChunks(source)?.chunks ?? [];
  const fmt = chunks.find(({ id }) => id === 'fmt ');
  const data = chunks.find(({ id }) => id === 'data');
  const format = fmt && readWaveFormat(source.read(fmt.at, Math.min(fmt.sizeBytes, 64)));
  if (!data || !format || format.track.codec !== 'PCM') return null;
  const { channels = 0, isFloat = false } = format.track;
  const bits = (format.blockBytes * 8) / Math.max(1, channels);
  if (channels < 1 || channels > maxChannels || format.sampleRate < 1000) return null;
  return { channels, isFloat, bits, sampleRate: format.sampleRate, at: data.at, sizeBytes: data.sizeBytes };
}

function decibels(amplitude: number): number | null {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : null;
}
