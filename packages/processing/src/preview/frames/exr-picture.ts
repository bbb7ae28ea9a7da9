/** Decodes OpenEXR frames in scan lines, uncompressed or with RLE, ZIPS or ZIP, whose channels are half or float. */
import { inflateSync } from 'node:zlib';
import { readExrHeader, type ExrPart } from '../../inspect/frames/exr-header.ts';
import { limitedSource } from '../../inspect/source.ts';
import { byteOfLinear, isFrameSize, type FramePicture } from './picture.ts';

/** Lines per chunk, by compression: none, RLE, ZIPS and ZIP. */
const linesInChunk = [1, 1, 1, 16];
const rleCompression = 1;
const sampleBytes: Record<number, number> = { 1: 2, 2: 4 };

type Channel = { name: string; bytes: number };
type Frame = { compression: number; width: number; height: number; top: number; channels: Channel[] };

/** Returns null for every other kind of EXR, and for a damaged one. */
export function decodeExr(bytes: Buffer): FramePicture | null {
  const whole = limitedSource(bytes.length, Infinity, (at, length) => bytes.subarray(at, at + length));
  const header = readExrHeader(whole);
  if (header === null || header === 'cut' || header.isTiled || header.isMultiPart || header.isDeep)
    return null;
  const frame = frameOf(header.parts[0]!);
  if (!frame) return null;
  const shown = shownChannels(frame);
  if (!shown) return null;
  const out = new Uint8Array(frame.width * frame.height * 3);
  const lines = linesInChunk[frame.compression]!;
  const chunks = Math.ceil(frame.height / lines);
  try {
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const at = Number(bytes.readBigUInt64LE(header.endsAt + chunk * 8));
      decodeChunk(bytes, at, frame, lines, shown, out);
    }
  } catch (error) {
    // The chunk is missing, is not zlib data, or unpacks to more than its size.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('Z_')) return null;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw error;
  }
  return { width: frame.width, height: frame.height, rgb: out };
}

function frameOf(part: ExrPart): Frame | null {
  const window = part.get('dataWindow')?.value;
  const compression = part.get('compression')?.value[0];
  const channels = channelsOf(part.get('channels')?.value);
  if (window?.length !== 16 || compression === undefined || !channels) return null;
  if (linesInChunk[compression] === undefined) return null;
  const [left, top, right, bottom] = [0, 4, 8, 12].map((at) => window.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const [width, height] = [right - left + 1, bottom - top + 1];
  return isFrameSize(width, height) ? { compression, width, height, top, channels } : null;
}

/** Returns null when a channel holds integers, or has fewer samples than the picture has pixels. */
function channelsOf(list: Buffer | undefined): Channel[] | null {
  const channels: Channel[] = [];
  for (let at = 0; list && at < list.length && list[at] !== 0;) {
    const end = list.indexOf(0, at);
    if (end === -1 || end + 17 > list.length || channels.length === 64) return null;
    const bytes = sampleBytes[list.readInt32LE(end + 1)];
    const isFull = list.readInt32LE(end + 9) === 1 && list.readInt32LE(end + 13) === 1;
    if (bytes === undefined || !isFull) return null;
    channels.push({ name: list.toString('latin1', at, end), bytes });
    at = end + 17;
  }
  return channels.length > 0 ? channels : null;
}

/** Returns the offsets of the visible channels in a line; null when the picture has neither colours nor luminance. */
function shownChannels({ channels, width }: Frame) {
  const found = new Map<string, { at: number; bytes: number }>();
  let at = 0;
  for (const { name, bytes } of channels) {
    found.set(name, { at, bytes });
    at += bytes * width;
  }
  const luminance = found.get('Y');
  const colours = ['R', 'G', 'B'].map((name) => found.get(name) ?? luminance);
  return colours.every((each) => each !== undefined) ? { colours, lineBytes: at } : null;
}

type Shown = NonNullable<ReturnType<typeof shownChannels>>;

function decodeChunk(
  bytes: Buffer,
  at: number,
  frame: Frame,
  lines: number,
  { colours, lineBytes }: Shown,
  out: Uint8Array,
): void {
  const first = bytes.readInt32LE(at) - frame.top;
  const size = bytes.readInt32LE(at + 4);
  const count = Math.min(lines, frame.height - first);
  if (first < 0 || count <= 0 || size < 0 || at + 8 + size > bytes.length) throw new RangeError('damaged');
  const packed = bytes.subarray(at + 8, at + 8 + size);
  const data = unpack(packed, frame.compression, count * lineBytes);
  for (let line = 0; line < count; line += 1)
    for (const [colour, channel] of colours.entries()) {
      const from = line * lineBytes + channel!.at;
      let to = ((first + line) * frame.width * 3 + colour) | 0;
      for (let x = 0; x < frame.width; x += 1, to += 3)
        out[to] =
          channel!.bytes === 2
            ? halfTable()[data.readUInt16LE(from + x * 2)]!
            : byteOfLinear(data.readFloatLE(from + x * 4));
    }
}

/** Unpacks a chunk. A chunk that compression would not have made smaller is stored unpacked. */
function unpack(packed: Buffer, compression: number, wanted: number): Buffer {
  if (packed.length === wanted || compression === 0) {
    if (packed.length !== wanted) throw new RangeError('damaged');
    return packed;
  }
  const mixed =
    compression === rleCompression
      ? fromRuns(packed, wanted)
      : inflateSync(packed, { maxOutputLength: wanted });
  if (mixed.length !== wanted) throw new RangeError('damaged');
  // Each byte is stored as the difference from the previous one, and the two halves of each word are stored apart.
  for (let at = 1; at < wanted; at += 1) mixed[at] = (mixed[at - 1]! + mixed[at]! - 128) & 255;
  const data = Buffer.allocUnsafe(wanted);
  const half = Math.ceil(wanted / 2);
  for (let at = 0; at < wanted; at += 1) data[at] = mixed[(at & 1 ? half : 0) + (at >> 1)]!;
  return data;
}

function fromRuns(packed: Buffer, wanted: number): Buffer {
  const out = Buffer.alloc(wanted);
  let to = 0;
  for (let at = 0; at < packed.length;) {
    const count = packed.readInt8(at++);
    const length = count < 0 ? -count : count + 1;
    if (to + length > wanted) throw new RangeError('damaged');
    if (count < 0) {
      if (at + length > packed.length) throw new RangeError('damaged');
      packed.copy(out, to, at, at + length);
      at += length;
    } else out.fill(packed.readUInt8(at++), to, to + length);
    to += length;
  }
  return out.subarray(0, to);
}

let table: Uint8Array | undefined;

/** Returns the byte for each possible half, to compute 65,536 powers instead of one for each sample of a frame. */
function halfTable(): Uint8Array {
  table ??= Uint8Array.from({ length: 65_536 }, (_, bits) => byteOfLinear(valueOfHalf(bits)));
  return table;
}

function valueOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
