/** Which sequence of its folder a delivered file may be a frame of. */
import { lastSegment, nameKey } from '../names/names.ts';
import { parseFrameName, sequenceKey } from './frame-names.ts';

/**
 * The key that the files of one folder share when their names differ only in their number, and the number; null when the name
 * has no frame number. Whether such files count frames is decided from all their names.
 */
export function framePlace(path: string): { sequenceKey: string; frame: number } | null {
  const name = lastSegment(path);
  const frame = parseFrameName(name);
  if (!frame) return null;
  const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
  return { sequenceKey: nameKey(folder) + sequenceKey(frame), frame: frame.frame };
}
