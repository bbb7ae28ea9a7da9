/** Decodes the samples of PCM sound to numbers from -1 to 1, a channel at a time. */

export type PcmFormat = {
  channels: number;
  /** Sample rate in hertz. */
  sampleRate: number;
  /** Bits of a stored sample: 8, 16, 24, 32 or 64. */
  bits: number;
  isFloat: boolean;
};

/** Writes the first `frames` samples of each channel of `bytes` into `channels`. */
export type Decode = (bytes: Buffer, frames: number, channels: readonly Float64Array[]) => void;

/** Returns null for a form of PCM that does not exist. */
export function decoderOf({ channels, bits, isFloat }: PcmFormat): Decode | null {
  const readers: Partial<Record<string, (bytes: Buffer, at: number) => number>> = {
    // 8 bits are unsigned in WAVE.
    '8': (bytes, at) => (bytes[at]! - 128) / 128,
    '16': (bytes, at) => ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) / 2_147_483_648,
    '24': (bytes, at) =>
      ((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) / 2_147_483_648,
    '32': (bytes, at) => bytes.readInt32LE(at) / 2_147_483_648,
    '32 float': (bytes, at) => finite(bytes.readFloatLE(at)),
    '64 float': (bytes, at) => finite(bytes.readDoubleLE(at)),
  };
  const read = readers[isFloat ? `${bits} float` : String(bits)];
  if (!read) return null;
  const sampleBytes = bits / 8;
  const frameBytes = sampleBytes * channels;
  return (bytes, frames, into) => {
    for (let channel = 0; channel < channels; channel += 1) {
      const samples = into[channel]!;
      let at = channel * sampleBytes;
      for (let frame = 0; frame < frames; frame += 1, at += frameBytes) samples[frame] = read(bytes, at);
    }
  };
}

/** Replaces values that are not finite, because a damaged float would make every sum of the measurement NaN. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
