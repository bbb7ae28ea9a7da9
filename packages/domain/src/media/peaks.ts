/**
 * The waveform of sound as one small file. For each channel it holds pairs: the lowest and highest sample of a short
 * stretch, as int8. Little endian: `TPK1`, channels (uint32), pairs per channel (uint32), pairs per second (float64),
 * then the channels one after the other.
 */

export type Peaks = {
  channels: number;
  pairsPerSecond: number;
  /** One array for each channel: lowest and highest sample in turn, from -127 to 127. */
  pairs: readonly Int8Array[];
};

const mark = 0x314b5054;
const headBytes = 20;
/** The most pairs of all channels together: 2 MB. Longer sound has fewer pairs per second. */
export const maxPeakPairs = 1_000_000;

export function writePeaks({ channels, pairsPerSecond, pairs }: Peaks): Uint8Array {
  const perChannel = (pairs[0]?.length ?? 0) / 2;
  const bytes = new Uint8Array(headBytes + channels * perChannel * 2);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, mark, true);
  head.setUint32(4, channels, true);
  head.setUint32(8, perChannel, true);
  head.setFloat64(12, pairsPerSecond, true);
  pairs.forEach((channel, at) => bytes.set(asBytes(channel), headBytes + at * perChannel * 2));
  return bytes;
}

/** Returns null when the bytes are no waveform. */
export function readPeaks(buffer: ArrayBuffer): Peaks | null {
  if (buffer.byteLength < headBytes) return null;
  const head = new DataView(buffer);
  const channels = head.getUint32(4, true);
  const perChannel = head.getUint32(8, true);
  const pairsPerSecond = head.getFloat64(12, true);
  const isWhole = buffer.byteLength === headBytes + channels * perChannel * 2;
  if (head.getUint32(0, true) !== mark || !isWhole || !(pairsPerSecond > 0)) return null;
  const pairs = Array.from(
    { length: channels },
    (_, channel) => new Int8Array(buffer, headBytes + channel * perChannel * 2, perChannel * 2),
  );
  return { channels, pairsPerSecond, pairs };
}

function asBytes({ buffer, byteOffset, byteLength }: Int8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
