import { expect, test } from 'vitest';
import { big, text, u16, u32, zeros } from '../testing/bytes.ts';
import { holdsForDamagedFiles } from '../testing/fuzz.ts';
import { sourceOf } from '../testing/sources.ts';
import { readStill, type StillFormat } from './still.ts';

const read = (format: StillFormat, bytes: Buffer) => readStill(format, sourceOf(bytes));

function pngChunk(id: string, value: Buffer): Buffer {
  return Buffer.concat([big(4, value.length), text(id), value, zeros(4)]);
}
const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  pngChunk('IHDR', Buffer.concat([big(4, 1920, 1080), Buffer.from([16, 6, 0, 0, 0])])),
  pngChunk('iCCP', text('Display P3\0\0')),
  pngChunk('IDAT', zeros(500)),
  pngChunk('IEND', zeros(0)),
]);

const segment = (marker: number, value: Buffer) =>
  Buffer.concat([Buffer.from([0xff, marker]), big(2, value.length + 2), value]);
const jpeg = Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  segment(0xe0, text('JFIF\0')),
  segment(0xe2, text('ICC_PROFILE\0\u0001\u0001')),
  segment(
    0xc2,
    Buffer.concat([big(1, 8), big(2, 1080, 1920), big(1, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)]),
  ),
  segment(0xda, zeros(10)),
  zeros(500),
  Buffer.from([0xff, 0xd9]),
]);

const gif = Buffer.concat([text('GIF89a'), u16(320, 200), Buffer.from([0xf7, 0, 0]), zeros(50)]);

function webp(chunk: string, value: Buffer): Buffer {
  const body = Buffer.concat([text(`WEBP${chunk}`), u32(value.length), value, zeros(20)]);
  return Buffer.concat([text('RIFF'), u32(body.length), body]);
}
const webps = {
  extended: webp('VP8X', Buffer.concat([u32(0x20), Buffer.from([0x7f, 0x07, 0, 0x37, 0x04, 0])])),
  lossless: webp('VP8L', Buffer.concat([Buffer.from([0x2f]), u32(1919 | (1079 << 14))])),
  lossy: webp('VP8 ', Buffer.concat([zeros(3), Buffer.from([0x9d, 0x01, 0x2a]), u16(1920, 1080)])),
};

type TiffTag = [tag: number, type: number, count: number, value: number];

/** Builds a TIFF: a directory, then three depths at 8000, then the pixels at 9000. */
function tiff(tags: readonly TiffTag[] = tiffTags, { pixels = 1000, at = 8 } = {}): Buffer {
  const bytes = zeros(9000 + pixels);
  Buffer.concat([text('II*\0'), u32(at)]).copy(bytes);
  Buffer.concat([
    u16(tags.length),
    ...tags.map(([tag, type, count, value]) => Buffer.concat([u16(tag, type), u32(count, value)])),
  ]).copy(bytes, at);
  u16(16, 16, 16).copy(bytes, 8000);
  text('Demo Grade 2.1\0').copy(bytes, 8100);
  return bytes;
}
const tiffTags: TiffTag[] = [
  [256, 3, 1, 20],
  [257, 3, 1, 10],
  [258, 3, 3, 8000],
  [259, 3, 1, 1],
  [262, 3, 1, 2],
  [273, 4, 1, 9000],
  [277, 3, 1, 3],
  [279, 4, 1, 1000],
  [305, 2, 15, 8100],
];

const svg = text(
  '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' +
    '<svg xmlns="http://www.w3.org/2000/svg" width="640px" height="480"><image href="file:///etc/passwd"/></svg>',
);

test('reads each format by its header', () => {
  const tracks = ([format, bytes]: [StillFormat, Buffer]) => {
    const inspection = read(format, bytes);
    return inspection.kind === 'read' ? inspection.report.tracks[0] : inspection;
  };
  const size = { width: 1920, height: 1080 };
  expect(tracks(['png', png])).toMatchObject({
    codec: 'PNG',
    ...size,
    bitDepth: 16,
    chroma: 'RGBA',
    frames: 1,
  });
  expect(tracks(['jpeg', jpeg])).toMatchObject({
    ...size,
    bitDepth: 8,
    chroma: '4:2:0',
    scan: 'progressive',
  });
  expect(tracks(['gif', gif])).toMatchObject({ width: 320, height: 200, bitDepth: 8 });
  expect(tracks(['webp', webps.extended])).toMatchObject({ codec: 'WebP', ...size });
  expect(tracks(['webp', webps.lossless])).toMatchObject({ ...size, compression: 'lossless' });
  expect(tracks(['webp', webps.lossy])).toMatchObject({ ...size, chroma: '4:2:0' });
  expect(tracks(['tiff', tiff()])).toMatchObject({
    width: 20,
    height: 10,
    bitDepth: 16,
    chroma: 'RGB',
    compression: 'none',
  });
  expect(tracks(['svg', svg])).toMatchObject({ codec: 'SVG', width: 640, height: 480 });
});

test('states software and colour profile', () => {
  expect(read('tiff', tiff())).toMatchObject({ report: { details: { software: 'Demo Grade 2.1' } } });
  expect(read('png', png)).toMatchObject({ report: { details: { colourProfile: 'Display P3' } } });
  expect(read('jpeg', jpeg)).toMatchObject({ report: { details: { colourProfile: 'ICC' } } });
});

test('reports a picture without its end as truncated', () => {
  const cases: [StillFormat, Buffer][] = [
    ['png', png.subarray(0, -40)],
    ['png', png.subarray(0, 20)],
    ['jpeg', jpeg.subarray(0, -2)],
    ['jpeg', jpeg.subarray(0, 12)],
    ['gif', gif.subarray(0, 8)],
    ['webp', webps.lossy.subarray(0, -5)],
    ['tiff', tiff().subarray(0, -1)],
    ['tiff', tiff().subarray(0, 40)],
    ['svg', svg.subarray(0, -6)],
  ];
  for (const [format, bytes] of cases) {
    expect(read(format, bytes), `${format} of ${bytes.length} bytes`).toMatchObject({ failure: 'truncated' });
  }
});

test('accepts data that phones append to a JPEG', () => {
  expect(read('jpeg', Buffer.concat([jpeg, zeros(200_000)])).kind).toBe('read');
});

test('reads a directory at the end of a large TIFF without its pixels', () => {
  const source = sourceOf(tiff(tiffTags, { pixels: 3_000_000, at: 2_000_000 }));
  expect(readStill('tiff', source)).toMatchObject({ kind: 'read' });
  expect(source.bytesRead).toBeLessThan(1000);
});

test('determines the size of an SVG from its view box', () => {
  const boxed = text('<svg xmlns="http://www.w3.org/2000/svg" width="100%" viewBox="0 0 300 150"/>');
  expect(read('svg', boxed)).toMatchObject({ report: { tracks: [{ width: 300, height: 150 }] } });
});

test('expands no entities of an SVG', () => {
  const bomb = text('<!DOCTYPE svg [<!ENTITY a "]"><!ENTITY b "&a;&a;">]><svg width="&b;"/>');
  expect(read('svg', bomb)).toMatchObject({ failure: 'unreadable' });
});

test('reads an SVG that opens document types without an end', () => {
  const endless = text(`<!DOCTYPE svg${'<!DOCTYPE'.repeat(400_000)}`);
  expect(read('svg', endless)).toMatchObject({ kind: 'failed' });
});

test('refuses a picture without a size', () => {
  const empty = tiff([[256, 3, 1, 0], ...tiffTags.slice(1)]);
  expect(read('tiff', empty)).toMatchObject({ facts: { reason: 'damaged_header' } });
});

test('survives damaged files', async () => {
  const valid: [StillFormat, Buffer][] = [
    ['png', png],
    ['jpeg', jpeg],
    ['gif', gif],
    ['webp', webps.extended],
    ['webp', webps.lossy],
    ['tiff', tiff()],
    ['svg', svg],
  ];
  for (const [format, bytes] of valid)
    await holdsForDamagedFiles(bytes, (source) => readStill(format, source));
});
