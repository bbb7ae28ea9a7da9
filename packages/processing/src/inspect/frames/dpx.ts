/** Reads the header of a DPX frame (SMPTE ST 268). */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { truncated, unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import type { Source } from '../source.ts';
import { countFact, known, paddedText, rateFact } from '../values.ts';

const headerBytes = 2048;
/** Size of the generic file and image headers, which every DPX has. */
const genericBytes = 1408;
const undefined32 = 0xffff_ffff;

/** Colour components by the descriptor of an element. */
const descriptors = new Map<number, { chroma: string; components: number }>([
  [1, { chroma: 'R', components: 1 }],
  [2, { chroma: 'G', components: 1 }],
  [3, { chroma: 'B', components: 1 }],
  [4, { chroma: 'Alpha', components: 1 }],
  [6, { chroma: 'Y', components: 1 }],
  [50, { chroma: 'RGB', components: 3 }],
  [51, { chroma: 'RGBA', components: 4 }],
  [52, { chroma: 'RGBA', components: 4 }],
  [100, { chroma: '4:2:2', components: 2 }],
  [101, { chroma: '4:2:2:4', components: 3 }],
  [102, { chroma: '4:4:4', components: 3 }],
  [103, { chroma: '4:4:4:4', components: 4 }],
]);

/** Names of transfer characteristics and colorimetry, which share their numbers; spelled as in MediaInfo. */
const transfers = new Map<number, string>([
  [1, 'Printing density'],
  [2, 'Linear'],
  [3, 'Logarithmic'],
  [5, 'BT.709'],
  [6, 'BT.709'],
  [7, 'BT.601 PAL'],
  [8, 'BT.601 NTSC'],
  [9, 'BT.601 PAL'],
  [10, 'BT.601 NTSC'],
  [13, 'ADX'],
]);
const packings = ['Packed', 'Filled A', 'Filled B'];

export function readDpx(source: Source): InspectionRead | InspectionFailed {
  const header = source.read(0, headerBytes);
  const isBig = header.toString('latin1', 0, 4) === 'SDPX';
  if (header.length < genericBytes) return truncated(source.sizeBytes, headerBytes);
  const u32 = (at: number) => (isBig ? header.readUInt32BE(at) : header.readUInt32LE(at));
  const u16 = (at: number) => (isBig ? header.readUInt16BE(at) : header.readUInt16LE(at));
  const f32 = (at: number) => (isBig ? header.readFloatBE(at) : header.readFloatLE(at));
  const imageAt = u32(4);
  const [width, height, elements] = [u32(772), u32(776), u16(770)];
  if (width === 0 || height === 0 || width === undefined32 || height === undefined32) {
    return unreadable('damaged_header');
  }
  // Files with only the generic header have the picture where the other headers would be.
  const headerEnd = Math.min(header.length, imageAt === undefined32 ? genericBytes : imageAt);
  const has = (end: number) => headerEnd >= end;

  const [descriptor, transfer, bitSize] = [header[800]!, header[801]!, header[803]!];
  const [packing, encoding] = [u16(804), u16(806)];
  const described = descriptors.get(descriptor);
  const neededBytes =
    encoding === 0 && elements === 1 && described && imageAt !== undefined32
      ? imageAt + pictureBytes(width * described.components, height, bitSize, packing)
      : null;
  if (neededBytes !== null && source.sizeBytes < neededBytes) return truncated(source.sizeBytes, neededBytes);
  const fileSize = u32(16);
  if (isStated(fileSize) && source.sizeBytes < fileSize) return truncated(source.sizeBytes, fileSize);

  const aspect = has(1636) ? [u32(1628), u32(1632)] : [0, 0];
  const rate = (has(1944) ? rateFact(f32(1940)) : undefined) ?? (has(1728) ? rateFact(f32(1724)) : undefined);
  const timecode = has(1924) ? timecodeOf(u32(1920)) : undefined;
  const report = reportOf({
    reader: 'turnover',
    container: 'DPX',
    startTimecode: timecode,
    tracks: [
      {
        kind: 'picture',
        ...known({
          codec: 'DPX',
          width,
          height,
          frames: 1,
          frameRate: rate,
          bitDepth: bitSize === 32 || bitSize === 64 || bitSize <= 16 ? countFact(bitSize) : undefined,
          isFloat: bitSize === 32 || bitSize === 64 ? true : undefined,
          chroma: described?.chroma,
          transfer: transfers.get(transfer),
          compression: encoding === 0 ? 'none' : encoding === 1 ? 'RLE' : undefined,
          pixelAspect: isStated(aspect[0]!) && isStated(aspect[1]!) ? aspect[0]! / aspect[1]! : undefined,
        }),
      },
    ],
    details: {
      version: paddedText(header.subarray(8, 16)),
      byteOrder: isBig ? 'big-endian' : 'little-endian',
      packing: packings[packing],
      name: paddedText(header.subarray(36, 136)),
      date: paddedText(header.subarray(136, 160)),
      software: paddedText(header.subarray(160, 260)),
      project: paddedText(header.subarray(260, 460)),
      copyright: paddedText(header.subarray(460, 660)),
      inputDevice: has(1588) ? paddedText(header.subarray(1556, 1588)) : undefined,
      slate: has(1864) ? paddedText(header.subarray(1764, 1864)) : undefined,
    },
  });
  const problems: MediaProblem[] = [];
  if (isStated(fileSize) && fileSize !== source.sizeBytes) {
    problems.push({
      code: 'header_differs',
      measured: `${source.sizeBytes} bytes`,
      wanted: `${fileSize} bytes`,
    });
  }
  return { kind: 'read', report, problems };
}

function isStated(value: number): boolean {
  return value !== 0 && value !== undefined32;
}

/** Returns the fewest bytes that the picture needs: some programs fill each line to 32 bits, others do not. */
function pictureBytes(samplesInLine: number, height: number, bitSize: number, packing: number): number {
  const isFilled = packing === 1 || packing === 2;
  if (isFilled && bitSize === 10) return Math.ceil((samplesInLine * height) / 3) * 4;
  const bits = isFilled && bitSize === 12 ? 16 : bitSize;
  return Math.ceil((samplesInLine * height * bits) / 8);
}

/**
 * Converts eight decimal digits to a timecode; undefined when they are no time. DPX does not state whether frames are
 * dropped.
 */
function timecodeOf(value: number): string | undefined {
  const digits = value.toString(16).padStart(8, '0');
  const [, hours, minutes, seconds, frames] = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)(\d\d)$/.exec(digits) ?? [];
  return hours === undefined ? undefined : `${hours}:${minutes}:${seconds}:${frames}`;
}
