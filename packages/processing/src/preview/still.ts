/** Previews of pictures: a poster, and a thumbnail of it. */
import { fileURLToPath } from 'node:url';
import type { FormatName } from '../inspect/formats.ts';
import { mebibyte } from '../inspect/source.ts';
import { whyMissing } from './missing.ts';
import type { Made } from './movie.ts';
import { runProgram } from '../run-program.ts';

const program = fileURLToPath(new URL('./still-program.ts', import.meta.url));
const limits = { timeMs: 60_000, fileBytes: 16 * mebibyte, memoryBytes: 2048 * mebibyte };
const decoded: readonly FormatName[] = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'];

export function isDecodedStill(format: FormatName): boolean {
  return decoded.includes(format);
}

export async function makeStillPreviews(path: string, folder: string, signal: AbortSignal): Promise<Made> {
  const args = ['--max-old-space-size=256', program, path, folder];
  const end = await runProgram(process.execPath, args, { limits, signal });
  return end.code === 0
    ? { previews: ['poster', 'thumbnail'], missing: null }
    : { previews: [], missing: whyMissing(end) };
}
