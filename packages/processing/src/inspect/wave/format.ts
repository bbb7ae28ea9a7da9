/** Reads the `fmt ` chunk of a WAVE file. */
import { countFact, known } from '../values.ts';
import type { SoundTrack } from '@turnover/domain/media/media-report';

/** Registered codec numbers that occur in deliveries. Others are shown as numbers. */
const codecs = new Map<number, string>([
  [0x0001, 'PCM'],
  [0x0002, 'ADPCM'],
  [0x0003, 'PCM'],
  [0x0006, 'A-Law'],
  [0x0007, 'U-Law'],
  [0x0050, 'MPEG Audio'],
  [0x0055, 'MPEG Audio'],
  [0x0092, 'AC-3'],
  [0x00ff, 'AAC'],
  [0x2000, 'AC-3'],
  [0x2001, 'DTS'],
]);
const extensible = 0xfffe;
const ieeeFloat = 3;

/** Channel positions by the bits of a channel mask, named as in MediaInfo. */
const positions = 'L R C LFE Lb Rb Lc Rc Cb Ls Rs Tc Tfl Tfc Tfr Tbl Tbc Tbr'.split(' ');

export type WaveFormat = {
  track: SoundTrack;
  /** Bytes of one sample of all channels; 0 when unknown. */
  blockBytes: number;
  bytesPerSecond: number;
  sampleRate: number;
};

/** Returns null when the chunk is too short. */
export function readWaveFormat(fmt: Buffer): WaveFormat | null {
  if (fmt.length < 16) return null;
  let tag = fmt.readUInt16LE(0);
  const channels = fmt.readUInt16LE(2);
  const sampleRate = fmt.readUInt32LE(4);
  let bitDepth = fmt.readUInt16LE(14);
  let layout: string | undefined;
  if (tag === extensible && fmt.length >= 40) {
    tag = fmt.readUInt16LE(24);
    // For example 20 valid bits in a container of 24.
    bitDepth = fmt.readUInt16LE(18) || bitDepth;
    layout = layoutOf(fmt.readUInt32LE(20), channels);
  }
  const bytesPerSecond = fmt.readUInt32LE(8);
  const codec = codecs.get(tag) ?? `WAVE 0x${tag.toString(16).padStart(4, '0')}`;
  const isPcm = codec === 'PCM';
  const track = {
    kind: 'sound' as const,
    ...known({
      codec,
      channels: countFact(channels),
      layout,
      sampleRate: countFact(sampleRate),
      bitRate: countFact(bytesPerSecond * 8),
      bitDepth: isPcm ? countFact(bitDepth) : undefined,
      isFloat: tag === ieeeFloat ? true : undefined,
    }),
  };
  return { track, blockBytes: fmt.readUInt16LE(12), bytesPerSecond, sampleRate };
}

/** Returns undefined when the mask names fewer or more channels than exist. */
function layoutOf(mask: number, channels: number): string | undefined {
  const named = positions.filter((_, bit) => (mask >>> bit) & 1);
  return named.length === channels && named.length > 0 ? named.join(' ') : undefined;
}
