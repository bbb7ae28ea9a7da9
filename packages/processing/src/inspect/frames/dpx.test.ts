import { expect, test } from 'vitest';
import { big, layout } from '../testing/bytes.ts';
import { dpx } from '../testing/frames.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { sourceOf } from '../testing/sources.ts';
import { readDpx } from './dpx.ts';

const read = (bytes: Buffer) => readDpx(sourceOf(bytes));

test('reads size, depth, colour, rate and timecode', () => {
  expect(read(dpx())).toMatchObject({
    kind: 'read',
    problems: [],
    report: {
      container: 'DPX',
      startTimecode: '01:02:03:04',
      tracks: [
        {
          codec: 'DPX',
          width: 64,
          height: 32,
          frames: 1,
          bitDepth: 10,
          chroma: 'RGB',
          transfer: 'Logarithmic',
          compression: 'none',
          pixelAspect: 2,
          frameRate: [24_000, 1001],
        },
      ],
      details: { software: 'Demo Film Scanner', version: 'V2.0', packing: 'Filled A' },
    },
  });
});

test('reads the other byte order', () => {
  const bytes = dpx();
  for (const at of [4, 16, 772, 776, 808, 1628, 1632, 1724, 1920, 1940]) bytes.subarray(at, at + 4).reverse();
  for (const at of [770, 804, 806]) bytes.subarray(at, at + 2).reverse();
  bytes.write('XPDS', 0, 'latin1');
  expect(read(bytes)).toMatchObject({
    report: { startTimecode: '01:02:03:04', tracks: [{ width: 64, frameRate: [24_000, 1001] }] },
  });
});

test('reports a frame whose picture is cut as truncated', () => {
  const bytes = dpx();
  expect(read(bytes.subarray(0, 5000))).toMatchObject({
    failure: 'truncated',
    facts: { expectedBytes: bytes.length, foundBytes: 5000 },
  });
  expect(read(bytes.subarray(0, 1000))).toMatchObject({ failure: 'truncated' });
});

test('reports a frame whose header states too few bytes for its picture as truncated', () => {
  expect(read(dpx({ picture: 100 }))).toMatchObject({ failure: 'truncated' });
});

test('knows the number of bytes for each packing', () => {
  const needed = (bits: number, packing: number, picture: number) =>
    [picture - 1, picture].map((bytes) => read(dpx({ bits, packing, picture: bytes })).kind);
  const samples = 64 * 32 * 3;
  expect(needed(8, 0, samples)).toEqual(['failed', 'read']);
  expect(needed(16, 0, samples * 2)).toEqual(['failed', 'read']);
  expect(needed(12, 1, samples * 2)).toEqual(['failed', 'read']);
  expect(needed(12, 0, samples * 1.5)).toEqual(['failed', 'read']);
  expect(needed(10, 1, (samples / 3) * 4)).toEqual(['failed', 'read']);
});

test('reports a file that is longer than its header says', () => {
  expect(read(dpx({ size: 4000 }))).toMatchObject({
    problems: [{ code: 'header_differs', wanted: '4000 bytes' }],
  });
});

test('ignores headers that overlap with the picture', () => {
  const bytes = layout(1408 + 64 * 32 * 4, [
    [0, dpx().subarray(0, 1408)],
    [4, big(4, 1408)],
    [16, big(4, 1408 + 64 * 32 * 4)],
  ]);
  const inspection = read(bytes);
  expect(inspection).toMatchObject({ kind: 'read' });
  expect(inspection).not.toHaveProperty('report.startTimecode');
  expect(inspection).not.toHaveProperty('report.tracks.0.frameRate');
});

test('ignores a timecode that is not a time', () => {
  const bytes = dpx();
  big(4, 0x25616190).copy(bytes, 1920);
  expect(read(bytes)).not.toHaveProperty('report.startTimecode');
});

test('refuses a picture without a size', () => {
  expect(read(dpx({ width: 0, picture: 100 }))).toMatchObject({ facts: { reason: 'damaged_header' } });
});

test('reads only the header', () => {
  const source = sourceOf(dpx({ width: 1000, height: 1000 }));
  readDpx(source);
  expect(source.bytesRead).toBe(2048);
});

test('survives damaged files', async () => {
  await holdsForDamagedFiles(dpx({ width: 4, height: 4 }), readDpx);
});
