import { expect, test } from 'vitest';
import { big, f32, text, u32, zeros } from '../testing/bytes.ts';
import { box, channels, exr, exrAttributes, type ExrAttribute } from '../testing/frames.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { sourceOf } from '../testing/sources.ts';
import { readExr } from './exr.ts';

const read = (bytes: Buffer) => readExr(sourceOf(bytes));

/** Returns the usual attributes, with `changed` in place of those with the same name. */
function withAttributes(...changed: ExrAttribute[]): ExrAttribute[] {
  const names = new Set(changed.map(([name]) => name));
  return [...exrAttributes().filter(([name]) => !names.has(name)), ...changed];
}

test('reads size, channels and compression', () => {
  expect(read(exr())).toEqual({
    kind: 'read',
    problems: [],
    report: {
      reader: 'turnover',
      container: 'OpenEXR',
      tracks: [
        {
          kind: 'picture',
          codec: 'EXR',
          width: 64,
          height: 32,
          compression: 'ZIPS',
          pixelAspect: 1,
          frames: 1,
          bitDepth: 16,
          isFloat: true,
          chroma: 'RGB',
        },
      ],
      details: { storage: 'lines', channels: 'B G R' },
    },
  });
});

test('states a data window that differs from the whole picture', () => {
  const bytes = exr(
    withAttributes(
      ['displayWindow', 'box2i', box(0, 0, 128, 64)],
      ['dataWindow', 'box2i', box(-8, 4, 64, 32)],
    ),
  );
  expect(read(bytes)).toMatchObject({
    report: { tracks: [{ width: 128, height: 64, dataWindow: '-8,4 64×32' }] },
  });
});

test('reads rate and timecode with drop frame', () => {
  const attributes = withAttributes(
    ['framesPerSecond', 'rational', u32(30_000, 1001)],
    // 01:02:03;04: two digits in each byte, drop frame in bit 6.
    ['timeCode', 'timecode', u32(0x01020344, 0)],
  );
  expect(read(exr(attributes))).toMatchObject({
    report: { startTimecode: '01:02:03;04', dropFrame: true, tracks: [{ frameRate: [30_000, 1001] }] },
  });
});

test('names the primaries', () => {
  const primaries = (...values: number[]) =>
    read(exr(withAttributes(['chromaticities', 'chromaticities', f32(...values)])));
  expect(primaries(0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767)).toMatchObject({
    report: { tracks: [{ primaries: 'ACES AP0' }] },
  });
  expect(primaries(0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)).toMatchObject({
    report: { tracks: [{ primaries: 'BT.709' }] },
  });
  expect(primaries(0.5, 0.5, 0.2, 0.7, 0.1, 0.1, 0.3, 0.3)).toMatchObject({
    report: { tracks: [{ primaries: 'R 0.5000 0.5000, G 0.2000 0.7000, B 0.1000 0.1000, W 0.3000 0.3000' }] },
  });
  expect(primaries(Number.NaN, 0, 0, 0, 0, 0, 0, 0)).not.toHaveProperty('report.tracks.0.primaries');
});

test('reports a frame with missing chunks as truncated', () => {
  const bytes = exr();
  for (const end of [bytes.length - 1, bytes.length - 100, 500, 100, 6]) {
    expect(read(bytes.subarray(0, end)), `${end} bytes`).toMatchObject({ failure: 'truncated' });
  }
});

test('reports a frame that a stopped program left as truncated', () => {
  const bytes = exr();
  const table = bytes.length - 32 * (8 + 8 + 16);
  zeros(8).copy(bytes, table + 8 * 20);
  expect(read(bytes)).toMatchObject({ failure: 'truncated' });
});

test('counts chunks according to compression and tiles', () => {
  const zip = withAttributes(['compression', 'compression', big(1, 3)]);
  expect(read(exr(zip, { chunks: 2 })).kind).toBe('read');
  expect(read(exr(zip, { chunks: 1 })).kind).toBe('failed');
  const tiles = withAttributes(['tiles', 'tiledesc', Buffer.concat([u32(16, 16), zeros(1)])]);
  const tiled = exr(tiles, { flags: 0x200, chunks: 8 });
  expect(read(tiled)).toMatchObject({ kind: 'read', report: { details: { storage: 'tiles' } } });
});

test('reads each part as a track', () => {
  const part = (name: string): ExrAttribute[] => [
    ...exrAttributes(),
    ['name', 'string', text(name)],
    ['type', 'string', text('scanlineimage')],
    ['chunkCount', 'int', u32(0)],
  ];
  const one = exr(part('left'), { flags: 0x1000, chunks: 0 });
  const other = exr(part('right'), { chunks: 0 }).subarray(8);
  const inspection = read(Buffer.concat([one, other, zeros(1)]));
  expect(inspection).toMatchObject({ kind: 'read', report: { details: { parts: '2', name: 'left' } } });
  expect(inspection).toHaveProperty('report.tracks.length', 2);
});

test('refuses impossible headers', () => {
  const cases = [
    withAttributes(['dataWindow', 'box2i', box(0, 0, 0, 32)]),
    withAttributes(['displayWindow', 'box2i', zeros(4)]),
    withAttributes(['channels', 'chlist', channels([])]),
    withAttributes(['channels', 'chlist', channels(['R'], 9)]),
    exrAttributes().filter(([name]) => name !== 'channels'),
  ];
  for (const attributes of cases)
    expect(read(exr(attributes))).toMatchObject({ facts: { reason: 'damaged_header' } });
});

test('skips a large value', () => {
  const bytes = exr(withAttributes(['preview', 'preview', zeros(200_000)]));
  const source = sourceOf(bytes);
  expect(readExr(source)).toMatchObject({ kind: 'read' });
  expect(source.bytesRead).toBeLessThan(150_000);
});

test('stops at a header that never ends', () => {
  const endless = Array.from({ length: 1000 }, (_, index): ExrAttribute => [`a${index}`, 'int', u32(0)]);
  expect(read(exr(endless))).toMatchObject({ facts: { reason: 'damaged_header' } });
});

test('survives damaged files', async () => {
  await holdsForDamagedFiles(exr(withAttributes(['timeCode', 'timecode', u32(0x01020344, 0)])), readExr);
});
