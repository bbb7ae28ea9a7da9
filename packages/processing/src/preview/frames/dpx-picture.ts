/** Decodes uncompressed RGB frames of DPX with 8, 10 or 16 bits. */
import { byteOfLinear, isFrameSize, type FramePicture } from './picture.ts';

const genericBytes = 1408;
const undefined32 = 0xffff_ffff;
const rgb = 50;
/** Printing density and logarithmic: film scans, which look flat until they are converted to light. */
const filmTransfers = [1, 3];

type Layout = {
  bytes: Buffer;
  isBig: boolean;
  width: number;
  height: number;
  at: number;
  /** Bytes from the start of one line to the start of the next. */
  lineBytes: number;
};

/** Returns null for every other kind of DPX, and for a damaged one. */
export function decodeDpx(bytes: Buffer): FramePicture | null {
  const magic = bytes.toString('latin1', 0, 4);
  if ((magic !== 'SDPX' && magic !== 'XPDS') || bytes.length < genericBytes) return null;
  const isBig = magic === 'SDPX';
  const u32 = (at: number) => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const u16 = (at: number) => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const [width, height] = [u32(772), u32(776)];
  const [descriptor, transfer, bits] = [bytes[800], bytes[801]!, bytes[803]!];
  const [packing, encoding] = [u16(804), u16(806)];
  if (descriptor !== rgb || encoding !== 0 || !isFrameSize(width, height)) return null;
  const reader = readers.find((each) => each.bits === bits && each.packings.includes(packing));
  if (!reader) return null;
  const stated = u32(808);
  const at = stated !== 0 && stated !== undefined32 ? stated : u32(4);
  const padding = u32(812) === undefined32 ? 0 : u32(812);
  const plainLine = Math.ceil((width * reader.bitsPerPixel) / 32) * 4;
  const lineBytes = plainLine + (padding <= plainLine ? padding : 0);
  if (at + lineBytes * (height - 1) + plainLine > bytes.length) return null;
  const out = new Uint8Array(width * height * 3);
  reader.read({ bytes, isBig, width, height, at, lineBytes }, tableOf(bits, transfer), packing, out);
  return { width, height, rgb: out };
}

/** Returns a table from code values to screen bytes. */
function tableOf(bits: number, transfer: number): Uint8Array {
  const isFilm = filmTransfers.includes(transfer);
  return Uint8Array.from({ length: bits === 16 ? 65_536 : 2 ** bits }, (_, code) => {
    const share = code / (2 ** bits - 1);
    if (isFilm) return byteOfLinear(lightOfFilm(share * 1023));
    return transfer === 2 ? byteOfLinear(share) : Math.round(share * 255);
  });
}

/** Converts a Cineon code value to light: black is 95, white is 685, and each step is a density of 0.002. */
function lightOfFilm(code: number): number {
  const light = (value: number) => 10 ** (((value - 685) * 0.002) / 0.6);
  return (light(code) - light(95)) / (1 - light(95));
}

type Reader = {
  bits: number;
  packings: readonly number[];
  bitsPerPixel: number;
  read(layout: Layout, table: Uint8Array, packing: number, out: Uint8Array): void;
};

const readers: readonly Reader[] = [
  { bits: 8, packings: [0, 1, 2], bitsPerPixel: 24, read: readBytes },
  { bits: 10, packings: [1, 2], bitsPerPixel: 32, read: readFilled },
  { bits: 16, packings: [0, 1, 2], bitsPerPixel: 48, read: readWords },
];

function readBytes(
  { bytes, width, height, at, lineBytes }: Layout,
  table: Uint8Array,
  _: number,
  out: Uint8Array,
) {
  for (let y = 0, to = 0; y < height; y += 1)
    for (let from = at + y * lineBytes, x = 0; x < width * 3; x += 1) out[to++] = table[bytes[from++]!]!;
}

/** Reads three 10-bit samples in 32 bits. Method A has the two unused bits below them, method B above. */
function readFilled(
  { bytes, isBig, width, height, at, lineBytes }: Layout,
  table: Uint8Array,
  packing: number,
  out: Uint8Array,
) {
  const shift = packing === 1 ? 2 : 0;
  for (let y = 0, to = 0; y < height; y += 1)
    for (let from = at + y * lineBytes, x = 0; x < width; x += 1, from += 4) {
      const word = (isBig ? bytes.readUInt32BE(from) : bytes.readUInt32LE(from)) >>> shift;
      out[to++] = table[(word >>> 20) & 1023]!;
      out[to++] = table[(word >>> 10) & 1023]!;
      out[to++] = table[word & 1023]!;
    }
}

function readWords(
  { bytes, isBig, width, height, at, lineBytes }: Layout,
  table: Uint8Array,
  _: number,
  out: Uint8Array,
) {
  for (let y = 0, to = 0; y < height; y += 1)
    for (let from = at + y * lineBytes, x = 0; x < width * 3; x += 1, from += 2)
      out[to++] = table[isBig ? bytes.readUInt16BE(from) : bytes.readUInt16LE(from)]!;
}
