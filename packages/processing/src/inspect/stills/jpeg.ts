/** Reads the header of a JPEG picture, and whether its end is there. */
import { mebibyte, type Source } from '../source.ts';
import { truncated, unreadable, type InspectionFailed } from '../outcome.ts';
import type { Still } from './still-facts.ts';

const maxSegments = 1000;
/** How far from the end to search the end marker: telephones append films and depth maps behind it. */
const maxTailBytes = 4 * mebibyte;
const endOfImage = Buffer.from([0xff, 0xd9]);

export function readJpeg(source: Source): Still | InspectionFailed {
  const details: Still['details'] = {};
  let frame: Buffer | null = null;
  let at = 2;
  for (let count = 0; ; count++) {
    const segment = source.read(at, 64);
    if (segment.length < 4) return truncated(source.sizeBytes);
    if (segment[0] !== 0xff || count === maxSegments) return unreadable('damaged_header');
    const marker = segment[1]!;
    // Fill bytes between markers.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const size = segment.readUInt16BE(2);
    if (marker === 0xda) break;
    if (marker === 0xd9 || size < 2) return unreadable('damaged_header');
    if (isFrame(marker)) frame = segment;
    const label = segment.toString('latin1', 4, 16);
    if (marker === 0xe1 && label.startsWith('Exif\0')) details.exif = `${size} bytes`;
    if (marker === 0xe2 && label.startsWith('ICC_PROFILE')) details.colourProfile = 'ICC';
    at += 2 + size;
  }
  if (!frame || frame.length < 10) return unreadable('damaged_header');
  const tailAt = Math.max(at, source.sizeBytes - maxTailBytes);
  if (!source.read(tailAt, maxTailBytes).includes(endOfImage)) return truncated(source.sizeBytes);
  return {
    codec: 'JPEG',
    height: frame.readUInt16BE(5),
    width: frame.readUInt16BE(7),
    bitDepth: frame[4],
    chroma: chromaOf(frame),
    scan: [0xc2, 0xc6, 0xca, 0xce].includes(frame[1]!) ? 'progressive' : undefined,
    frames: 1,
    details,
  };
}

/** True for markers that begin a frame. C4, C8 and CC are tables. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Names the chroma subsampling by how often luma is sampled for each sample of chroma. */
function chromaOf(frame: Buffer): string | undefined {
  const components = frame[9]!;
  if (components === 1) return 'Y';
  if (components === 4) return 'CMYK';
  if (components !== 3 || frame.length < 19) return undefined;
  const [first, second] = [frame[11]!, frame[14]!];
  const across = (first >> 4) / Math.max(1, second >> 4);
  const down = (first & 15) / Math.max(1, second & 15);
  const names: Record<string, string> = {
    '1×1': '4:4:4',
    '2×1': '4:2:2',
    '2×2': '4:2:0',
    '4×1': '4:1:1',
    '1×2': '4:4:0',
  };
  return names[`${across}×${down}`];
}
