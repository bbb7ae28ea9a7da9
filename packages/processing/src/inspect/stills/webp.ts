/** Reads the header of a WebP picture: simple, lossless, or extended. */
import { truncated, unreadable, type InspectionFailed } from '../outcome.ts';
import type { Source } from '../source.ts';
import type { Still } from './still-facts.ts';

export function readWebp(source: Source): Still | InspectionFailed {
  const head = source.read(0, 30);
  if (head.length < 30) return truncated(source.sizeBytes);
  const end = head.readUInt32LE(4) + 8;
  if (end > source.sizeBytes) return truncated(source.sizeBytes, end);
  const common = { codec: 'WebP', bitDepth: 8, details: {} };
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X': {
      const flags = head[20]!;
      const size = { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
      const details = { ...((flags & 0x20) !== 0 && { colourProfile: 'ICC' }) };
      return { ...common, ...size, frames: (flags & 2) === 0 ? 1 : undefined, details };
    }
    case 'VP8L': {
      if (head[20] !== 0x2f) return unreadable('damaged_header');
      const bits = head.readUInt32LE(21);
      const size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
      return { ...common, ...size, frames: 1, chroma: 'RGB', compression: 'lossless' };
    }
    case 'VP8 ': {
      if (head.readUIntBE(23, 3) !== 0x9d012a) return unreadable('damaged_header');
      const size = { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
      return { ...common, ...size, frames: 1, chroma: '4:2:0' };
    }
    default:
      return unreadable('damaged_header');
  }
}
