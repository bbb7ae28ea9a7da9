/** A program of its own, because a damaged picture may crash or bloat the decoder: arguments are the picture and the folder. */
import { join } from 'node:path';
import sharp from 'sharp';

const [picture, previews] = process.argv.slice(2) as [string, string];
const maxPixels = 16_384 ** 2;

sharp.cache(false);
sharp.concurrency(1);
// Only readers of plain pictures: an SVG or a PDF is a program.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif', 'Nsgif'].map((name) => `VipsForeignLoad${name}`),
});

try {
  await makeStill(picture, previews);
} catch (error) {
  // People read it: no stack of calls.
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function makeStill(path: string, folder: string): Promise<void> {
  const poster = join(folder, 'poster');
  await sharp(path, { limitInputPixels: maxPixels, sequentialRead: true, failOn: 'error' })
    .rotate()
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
