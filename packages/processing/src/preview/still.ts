/** Makes previews of pictures: a poster, and a thumbnail of it. */
import { fileURLToPath } from 'node:url';
import type { FormatName } from '../inspect/formats.ts';
import { mebibyte } from '../inspect/source.ts';
import { whyMissing } from './missing.ts';
import type { Made, MovieTask } from './movie.ts';
import { runProgram } from '../run-program.ts';

const program = fileURLToPath(new URL('./still-program.ts', import.meta.url));
const limits = { timeMs: 60_000, fileBytes: 16 * mebibyte, memoryBytes: 2048 * mebibyte };
/** Formats that become stills without ffmpeg. Our own readers decode the usual kinds of the last two. */
const decoded: readonly FormatName[] = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'exr', 'dpx'];
/** Exit code of the program for a picture that it does not decode. */
export const isNotOurs = 3;

export function isDecodedStill(format: FormatName): boolean {
  return decoded.includes(format);
}

/** Returns null for a kind of picture that we do not decode. */
export async function makeStillPreviews(
  { path, format, folder }: Pick<MovieTask, 'path' | 'format' | 'folder'>,
  signal: AbortSignal,
): Promise<Made | null> {
  const args = ['--max-old-space-size=256', program, path, format, folder];
  const end = await runProgram(process.execPath, args, { limits, signal });
  if (end.code === isNotOurs) return null;
  return end.code === 0
    ? { previews: ['poster', 'thumbnail'], missing: null }
    : { previews: [], missing: whyMissing(end) };
}
