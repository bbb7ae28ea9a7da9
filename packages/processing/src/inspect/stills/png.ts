/** Reads the header of a PNG picture. */
import { truncated, unreadable, type InspectionFailed } from '../outcome.ts';
import type { Source } from '../source.ts';
import { countFact, paddedText } from '../values.ts';
import type { Still } from './still-facts.ts';

const colours: Record<number, string> = { 0: 'Y', 2: 'RGB', 3: 'palette', 4: 'YA', 6: 'RGBA' };
const maxChunks = 256;
const maxBytesBehind = 64 * 1024;

export function readPng(source: Source): Still | InspectionFailed {
  const head = source.read(0, 33);
  if (head.length < 33) return truncated(source.sizeBytes);
  if (head.toString('latin1', 12, 16) !== 'IHDR') return unreadable('damaged_header');
  const details: Still['details'] = {};
  let frames = 1;
  let at = 33;
  for (let count = 0; count < maxChunks; count++) {
    const chunk = source.read(at, 8 + 80);
    if (chunk.length < 8) return truncated(source.sizeBytes);
    const [size, id] = [chunk.readUInt32BE(0), chunk.toString('latin1', 4, 8)];
    // The pixels begin here; everything that describes them comes before.
    if (id === 'IDAT' || id === 'IEND') break;
    const value = chunk.subarray(8, 8 + size);
    if (id === 'iCCP') details.colourProfile = paddedText(value.subarray(0, 80));
    if (id === 'sRGB') details.colourProfile = 'sRGB';
    if (id === 'gAMA' && value.length >= 4) details.gamma = String(value.readUInt32BE(0) / 100_000);
    if (id === 'acTL' && value.length >= 8) frames = countFact(value.readUInt32BE(0)) ?? 1;
    at += 12 + size;
  }
  const tail = source.read(Math.max(at, source.sizeBytes - maxBytesBehind), maxBytesBehind);
  if (!tail.includes('IEND')) return truncated(source.sizeBytes);
  return {
    codec: 'PNG',
    width: head.readUInt32BE(16),
    height: head.readUInt32BE(20),
    bitDepth: head[24],
    chroma: colours[head[25]!],
    scan: head[28] === 1 ? 'interlaced' : undefined,
    frames,
    compression: 'Deflate',
    details,
  };
}
