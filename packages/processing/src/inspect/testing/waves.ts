import { padded, text, u16, u32, u64, zeros } from './bytes.ts';

export type ChunkBytes = { id: string; bytes: Buffer; stated?: number };

export function chunk(id: string, bytes: Buffer, stated = bytes.length): ChunkBytes {
  return { id, bytes, stated };
}

type FormatOptions = { channels?: number; bits?: number; rate?: number; mask?: number; tag?: number };

export function fmt({
  channels = 2,
  bits = 24,
  rate = 48_000,
  mask,
  tag = 1,
}: FormatOptions = {}): ChunkBytes {
  const block = (channels * bits) / 8;
  const plain = (code: number) =>
    Buffer.concat([u16(code, channels), u32(rate, rate * block), u16(block, bits)]);
  if (mask === undefined) return chunk('fmt ', plain(tag));
  const guid = Buffer.from('000000001000800000aa00389b71', 'hex');
  return chunk('fmt ', Buffer.concat([plain(0xfffe), u16(22, bits), u32(mask), u16(tag), guid]));
}

type WaveOptions = { outer?: string; stated?: number; behind?: Buffer };

/** Builds a RIFF file of these chunks. */
export function riff(
  chunks: readonly ChunkBytes[],
  { outer = 'RIFF', stated, behind }: WaveOptions = {},
): Buffer {
  const body = Buffer.concat([
    text('WAVE'),
    ...chunks.flatMap(({ id, bytes, stated: size = bytes.length }) => [
      text(id),
      u32(size),
      bytes,
      zeros(bytes.length % 2),
    ]),
  ]);
  return Buffer.concat([text(outer), u32(stated ?? body.length), body, behind ?? zeros(0)]);
}

export function ds64(riffSize: number, dataSize: number): ChunkBytes {
  return chunk('ds64', Buffer.concat([u64(riffSize, dataSize, 0), u32(0)]));
}

type Broadcast = {
  description?: string;
  timeReference?: number;
  version?: number;
  loudness?: readonly number[];
};

export function bext({
  description = 'Final mix',
  timeReference = 0,
  version = 2,
  loudness = [-2300, 640, -150, 0x7fff, -1800],
}: Broadcast = {}): ChunkBytes {
  const bytes = Buffer.concat([
    padded(description, 256),
    padded('Demo House', 32),
    padded('USDMO26000001', 32),
    padded('2026-11-22', 10),
    padded('12:00:00', 8),
    u64(timeReference),
    u16(version),
    zeros(64),
    u16(...loudness),
    zeros(180),
    text('A=PCM,F=48000,W=24,M=stereo\r\n'),
  ]);
  return chunk('bext', bytes);
}

export function iXml(rate: string, flag: string, names: readonly string[] = []): ChunkBytes {
  const tracks = names.map((name) => `<TRACK><NAME>${name}</NAME></TRACK>`).join('');
  return chunk(
    'iXML',
    text(
      `<?xml version="1.0"?><BWFXML><PROJECT>Demo</PROJECT><SPEED><TIMECODE_RATE>${rate}</TIMECODE_RATE>` +
        `<TIMECODE_FLAG>${flag}</TIMECODE_FLAG></SPEED><TRACK_LIST>${tracks}</TRACK_LIST></BWFXML>`,
    ),
  );
}

/** One second of silence, stereo, 24 bit. */
export const oneSecond = chunk('data', zeros(48_000 * 6));
