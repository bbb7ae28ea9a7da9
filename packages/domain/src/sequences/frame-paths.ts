/** Finds the sequence of its folder that a delivered file may be a frame of. */
import { lastSegment, nameKey } from '../names/names.ts';
import { parseFrameName, sequenceKey } from './frame-names.ts';

/**
 * Returns the number, and the key that files of one folder share when their names differ only in it; null when the name
 * has no frame number. Only all the names together decide whether such files count frames.
 */
export function framePlace(path: string): { sequenceKey: string; frame: number } | null {
  const name = lastSegment(path);
  const frame = parseFrameName(name);
  if (!frame) return null;
  const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
  return { sequenceKey: nameKey(folder) + sequenceKey(frame), frame: frame.frame };
}
