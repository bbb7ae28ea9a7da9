import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { inspectFile } from './inspect-file.ts';
import { big, text, zeros } from './testing/bytes.ts';
import { dpx, exr } from './testing/frames.ts';
import { aiff, quickTime } from './testing/movies.ts';
import { bext, fmt, oneSecond, riff } from './testing/waves.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-inspect-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const signal = new AbortController().signal;

/** Inspects bytes that are stored without an extension, as in the vault. */
function inspect(name: string, bytes: Uint8Array) {
  const path = join(folder, 'stored');
  writeFileSync(path, bytes);
  return inspectFile({ path, name, sizeBytes: bytes.length, mediaKind: mediaKind(name) }, { signal });
}

test('reads each kind of file by its content', async () => {
  const containers = [
    ['film.mov', quickTime(), 'QuickTime'],
    ['mix.wav', riff([bext(), fmt(), oneSecond]), 'WAVE'],
    ['mix.aif', aiff(2, 100), 'AIFF'],
    ['shot.0001.dpx', dpx(), 'DPX'],
    ['shot.0001.exr', exr(), 'OpenEXR'],
    ['subtitles.srt', text('1\n00:00:01,000 --> 00:00:02,000\nHi\n'), 'SubRip'],
    ['subtitles.srt', text('no cue at all'), 'text'],
    ['sound in no known kind', aiff(2, 100), 'AIFF'],
  ] as const;
  for (const [name, bytes, container] of containers) {
    expect(await inspect(name, bytes), name).toMatchObject({ kind: 'read', report: { container } });
  }
});

test('refuses a text that is named like a movie', async () => {
  expect(await inspect('film.mov', text('ffconcat version 1.0\nfile other.wav\n'))).toEqual({
    kind: 'failed',
    failure: 'not_its_kind',
    facts: { found: 'text', expected: 'QuickTime' },
  });
});

test('refuses content of another kind, and files of zeros', async () => {
  expect(await inspect('mix.wav', quickTime())).toMatchObject({
    facts: { found: 'QuickTime', expected: 'WAVE' },
  });
  expect(await inspect('film.mxf', zeros(9000))).toMatchObject({
    facts: { found: 'only zeros', expected: 'MXF' },
  });
  expect(await inspect('list.csv', text('PK\u0003\u0004\0\0'))).toMatchObject({ facts: { found: 'ZIP' } });
});

test('reads a file of the same family, with a warning', async () => {
  expect(await inspect('mix.wav', aiff(2, 100))).toMatchObject({
    kind: 'read',
    report: { container: 'AIFF' },
    problems: [{ code: 'extension_differs', measured: 'AIFF', wanted: 'WAVE' }],
  });
});

test('reports an empty medium as empty, and skips an empty document', async () => {
  expect(await inspect('mix.wav', zeros(0))).toMatchObject({ kind: 'failed', failure: 'empty' });
  expect(await inspect('notes.txt', zeros(0))).toEqual({ kind: 'skipped', reason: 'empty_file' });
});

test('skips documents that are what they should be, and files whose name promises nothing', async () => {
  for (const [name, bytes] of [
    ['notes.txt', text('Notes')],
    ['deck.pdf', text('%PDF-1.7\n')],
    ['data.bin', text('\u0007\u0001\0')],
    ['photo.nef', text('II*\0\0\0\0\0')],
  ] as const) {
    expect(await inspect(name, bytes), name).toEqual({ kind: 'skipped', reason: 'not_inspected' });
  }
});

test('returns a reason for a missing file, and for a folder', async () => {
  mkdirSync(join(folder, 'folder'));
  for (const path of ['gone', 'folder']) {
    const file = { path: join(folder, path), name: 'a.mov', sizeBytes: 1, mediaKind: 'picture' as const };
    expect(await inspectFile(file, { signal })).toMatchObject({ facts: { reason: 'no_file' } });
  }
});

test('reads the header of a file of 6 GB', async () => {
  const path = join(folder, 'large');
  const movie = quickTime();
  const indexAt = movie.indexOf('moov') - 4;
  const free = Buffer.concat([big(4, 1), text('free'), big(4, 1, 6_000_000_000 - 2 ** 32)]);
  writeFileSync(path, Buffer.concat([movie.subarray(0, indexAt), free]));
  truncateSync(path, indexAt + 6_000_000_000);
  appendFileSync(path, movie.subarray(indexAt));
  const file = { path, name: 'film.mov', sizeBytes: 6_000_000_000, mediaKind: 'picture' as const };
  expect(await inspectFile(file, { signal })).toMatchObject({
    kind: 'read',
    report: { tracks: [{ channels: 2 }] },
  });
});

test('stops at once when it was cancelled before', async () => {
  const path = join(folder, 'stored');
  writeFileSync(path, quickTime());
  const file = { path, name: 'a.mov', sizeBytes: 1, mediaKind: 'picture' as const };
  await expect(inspectFile(file, { signal: AbortSignal.abort(new Error('Cancelled.')) })).rejects.toThrow(
    'Cancelled.',
  );
});

test('finds MediaInfo in a thread too', async () => {
  const path = join(folder, 'stored');
  writeFileSync(path, quickTime());
  const file = { path, name: 'film.mov', sizeBytes: 1, mediaKind: 'picture' };
  const module = new URL('./inspect-file.ts', import.meta.url).href;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(module)})
      .then(({ inspectFile }) => inspectFile(workerData, { signal: new AbortController().signal }))
      .then((inspection) => parentPort.postMessage(inspection));`;
  const inspection = await new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: file });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(inspection).toMatchObject({ kind: 'read', report: { container: 'QuickTime' } });
});
