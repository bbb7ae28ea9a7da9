/** Reads the header of a GIF picture. Frames of an animation are not counted, because that needs the whole file. */
import { truncated, type InspectionFailed } from '../outcome.ts';
import type { Source } from '../source.ts';
import type { Still } from './still-facts.ts';

export function readGif(source: Source): Still | InspectionFailed {
  const head = source.read(0, 13);
  if (head.length < 13) return truncated(source.sizeBytes);
  return {
    codec: 'GIF',
    width: head.readUInt16LE(6),
    height: head.readUInt16LE(8),
    bitDepth: ((head[10]! >> 4) & 7) + 1,
    chroma: 'palette',
    compression: 'LZW',
    details: { version: head.toString('latin1', 3, 6) },
  };
}
