/** Reads the sound of a WAVE file once, in pieces, with memory that does not grow with the file. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mebibyte, openFile, type Source } from '../inspect/source.ts';
import { readChunks } from '../inspect/wave/chunks.ts';
import { readWaveFormat } from '../inspect/wave/format.ts';
import type { StageIo } from '../stage.ts';
import { decoderOf, type PcmFormat } from './pcm.ts';

const headBytes = 4 * mebibyte;
const pieceBytes = mebibyte;
/** About 0.1 s of work between two turns of the event loop, where cancel messages arrive. */
const bytesPerTurn = 4 * mebibyte;
const maxChannels = 64;

/** `frames`: the number of samples of each channel in the file. `layout`: the positions of the channels, as in a report. */
export type Sound = PcmFormat & { frames: number; layout: string | undefined };
export type FeedSound = (channels: readonly Float64Array[], frames: number) => void;
type StoredSound = Omit<Sound, 'frames'> & { at: number; sizeBytes: number };

/**
 * Reads the sound. Calls `begin` with the format, and the function that it returns with each piece. Returns false when
 * the file is not PCM sound in a WAVE file.
 */
export async function readSound(
  path: string,
  { signal, progress }: StageIo,
  begin: (sound: Sound) => FeedSound,
): Promise<boolean> {
  const file = openFile(path);
  try {
    const sound = findSound(file.limitedTo(headBytes));
    const decode = sound && decoderOf(sound);
    if (!sound || !decode) return false;
    const frameBytes = (sound.bits / 8) * sound.channels;
    const pieceFrames = Math.max(1, Math.floor(pieceBytes / frameBytes));
    const channels = Array.from({ length: sound.channels }, () => new Float64Array(pieceFrames));
    const source = file.limitedTo(Infinity);
    const end = Math.min(sound.at + sound.sizeBytes, file.sizeBytes);
    const feed = begin({ ...sound, frames: Math.max(0, Math.floor((end - sound.at) / frameBytes)) });
    for (let at = sound.at, sinceTurn = 0; at + frameBytes <= end;) {
      const bytes = source.read(at, Math.min(pieceFrames * frameBytes, end - at));
      const frames = Math.floor(bytes.length / frameBytes);
      if (frames === 0) break;
      decode(bytes, frames, channels);
      feed(channels, frames);
      at += frames * frameBytes;
      sinceTurn += bytes.length;
      if (sinceTurn >= bytesPerTurn) {
        sinceTurn = 0;
        progress((at - sound.at) / (end - sound.at));
        await nextTurn();
        signal.throwIfAborted();
      }
    }
    return true;
  } finally {
    file.close();
  }
}

function findSound(source: Source): StoredSound | null {
  const chunks = readChunks(source)?.chunks ?? [];
  const fmt = chunks.find(({ id }) => id === 'fmt ');
  const data = chunks.find(({ id }) => id === 'data');
  const format = fmt && readWaveFormat(source.read(fmt.at, Math.min(fmt.sizeBytes, 64)));
  if (!data || !format || format.track.codec !== 'PCM') return null;
  const { channels = 0, isFloat = false, layout } = format.track;
  const bits = (format.blockBytes * 8) / Math.max(1, channels);
  if (channels < 1 || channels > maxChannels || format.sampleRate < 1000) return null;
  const { sampleRate } = format;
  return { channels, layout, isFloat, bits, sampleRate, at: data.at, sizeBytes: data.sizeBytes };
}
