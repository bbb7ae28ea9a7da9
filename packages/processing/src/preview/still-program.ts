/**
 * A separate program, because a damaged picture may crash or bloat the decoder. Arguments: the picture, its format and
 * the output folder.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { decodeDpx } from './frames/dpx-picture.ts';
import { decodeExr } from './frames/exr-picture.ts';
import { isNotOurs } from './still.ts';

const [picture, format, previews] = process.argv.slice(2) as [string, string, string];
const maxFrameBytes = 512 * 1024 ** 2;
const maxPixels = 16_384 ** 2;

sharp.cache(false);
sharp.concurrency(1);
// Blocks all readers except those of plain pictures: an SVG or a PDF is a program.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif', 'Nsgif'].map((name) => `VipsForeignLoad${name}`),
});

try {
  const opened = open();
  if (opened) await makeStill(opened, previews);
  else process.exitCode = isNotOurs;
} catch (error) {
  // People read this text, so it contains no stack trace.
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Opens the picture; null for a kind of frame that only ffmpeg may be able to decode. */
function open(): Sharp | null {
  const decode = { exr: decodeExr, dpx: decodeDpx }[format];
  if (!decode)
    return sharp(picture, { limitInputPixels: maxPixels, sequentialRead: true, failOn: 'error' }).rotate();
  if (statSync(picture).size > maxFrameBytes) return null;
  const frame = decode(readFileSync(picture));
  if (!frame) return null;
  const { width, height, rgb } = frame;
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

async function makeStill(opened: Sharp, folder: string): Promise<void> {
  const poster = join(folder, 'poster');
  await opened
    .resize({ width: 1920, height: 1920, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#7f7f7f' })
    .toColourspace('srgb')
    .jpeg({ quality: 85 })
    .toFile(poster);
  await sharp(poster)
    .resize({ width: 320, height: 320, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toFile(join(folder, 'thumbnail'));
}
