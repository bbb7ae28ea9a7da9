import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { big, f32, u32, u64, zeros } from '../../inspect/testing/bytes.ts';
import { box, channels, exr, exrAttributes, type ExrAttribute } from '../../inspect/testing/frames.ts';
import { decodeExr } from './exr-picture.ts';
import { byteOfLinear } from './picture.ts';

const [none, rle, zips, zip] = [0, 1, 2, 3];
const half = 1;

/** Half floats by value, for the tests. */
const halves: Record<number, number> = { 0: 0, 0.5: 0x3800, 1: 0x3c00, 65504: 0x7bff };

type Options = {
  compression?: number;
  names?: string[];
  type?: number;
  top?: number;
  width?: number;
  height?: number;
  /** Replaces the lines of each chunk. */
  packed?: Buffer;
};

/** Builds a frame in which each channel has one value everywhere. */
function flat(values: number[], options: Options = {}): Buffer {
  const {
    compression = none,
    names = ['B', 'G', 'R'],
    type = half,
    top = 0,
    width = 8,
    height = 20,
  } = options;
  const lines = compression === zip ? 16 : 1;
  const attributes = exrAttributes().map(([name, kind, value]): ExrAttribute => {
    if (name === 'channels') return [name, kind, channels(names, type)];
    if (name === 'compression') return [name, kind, big(1, compression)];
    if (name.endsWith('Window')) return [name, kind, box(0, top, width, height)];
    return [name, kind, value];
  });
  const header = exr(attributes, { chunks: 0 });
  const sample = (value: number) =>
    type === half ? Buffer.from([halves[value]! & 255, halves[value]! >> 8]) : f32(value);
  const line = Buffer.concat(values.flatMap((value) => Array<Buffer>(width).fill(sample(value))));
  const chunks: Buffer[] = [];
  for (let y = 0; y < height; y += lines) {
    const data = Buffer.concat(Array<Buffer>(Math.min(lines, height - y)).fill(line));
    const packed = options.packed ?? pack(data, compression);
    chunks.push(Buffer.concat([u32((top + y) >>> 0, packed.length), packed]));
  }
  let at = header.length + chunks.length * 8;
  const table = chunks.map((chunk) => {
    at += chunk.length;
    return at - chunk.length;
  });
  return Buffer.concat([header, u64(...table), ...chunks]);
}

function pack(data: Buffer, compression: number): Buffer {
  if (compression === none) return data;
  const mixed = Buffer.alloc(data.length);
  const middle = Math.ceil(data.length / 2);
  for (const [at, byte] of data.entries()) mixed[(at & 1 ? middle : 0) + (at >> 1)] = byte;
  for (let at = data.length - 1; at > 0; at -= 1) mixed[at] = (mixed[at]! - mixed[at - 1]! + 128) & 255;
  const packed = compression === rle ? runsOf(mixed) : deflateSync(mixed);
  return packed.length < data.length ? packed : data;
}

function runsOf(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let length = 1;
    while (length < 128 && bytes[at + length] === bytes[at]) length += 1;
    if (length > 1) out.push(length - 1, bytes[at]!);
    else out.push(255, bytes[at]!);
    at += length;
  }
  return Buffer.from(out);
}

const pixel = (bytes: Buffer, at = 0) => {
  const rgb = decodeExr(bytes)?.rgb;
  return rgb && [...rgb.subarray(at * 3, at * 3 + 3)];
};
const [dark, middle] = [0, byteOfLinear(0.5)];

describe.each([none, rle, zips, zip])('compression %i', (compression) => {
  test('gives every pixel its own colours', () => {
    const bytes = flat([0, 0.5, 65504], { compression });
    expect(decodeExr(bytes)).toMatchObject({ width: 8, height: 20 });
    for (const at of [0, 7, 8 * 15, 8 * 20 - 1]) expect(pixel(bytes, at)).toEqual([255, middle, dark]);
  });

  test('reads floats, ignores the alpha channel, and supports a window that does not begin at 0', () => {
    const bytes = flat([1, 0, 0.5, 0], { compression, type: 2, names: ['A', 'B', 'G', 'R'], top: -3 });
    expect(pixel(bytes, 17)).toEqual([dark, middle, dark]);
  });
});

test('a luminance alone becomes grey', () => {
  expect(pixel(flat([0.5], { names: ['Y'] }))).toEqual([middle, middle, middle]);
});

test.each([
  ['PIZ', flat([0, 0, 0], { compression: 4 })],
  ['integers', flat([0], { names: ['R'], type: 0 })],
  ['depth only', flat([0.5], { names: ['Z'] })],
  ['tiles', exr(exrAttributes(), { flags: 0x200 })],
  ['several parts', exr(exrAttributes(), { flags: 0x1000 })],
  ['nothing', Buffer.alloc(0)],
  ['a picture larger than any frame', exr(withWindow(box(0, 0, 60_000, 60_000)))],
])('%s is not decoded', (_, bytes) => {
  expect(decodeExr(bytes)).toBeNull();
});

function withWindow(value: Buffer): ExrAttribute[] {
  return exrAttributes().map(([name, kind, was]) => [name, kind, name === 'dataWindow' ? value : was]);
}

test('a chunk that inflates to more than its lines is damaged', () => {
  const packed = deflateSync(zeros(10_000_000));
  expect(decodeExr(flat([0, 0, 0], { compression: zip, packed }))).toBeNull();
  expect(decodeExr(flat([0, 0, 0], { compression: zip, packed: Buffer.from('no zlib') }))).toBeNull();
});

test('survives damaged files', () => {
  const valid = flat([0, 0.5, 1], { compression: zip });
  const place = fc.nat({ max: valid.length - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
      place,
      (changes, end) => {
        const copy = Buffer.from(valid);
        for (const [at, value] of changes) copy[at] = value;
        for (const bytes of [copy, copy.subarray(0, end)]) decodeExr(bytes);
      },
    ),
    { numRuns: 300 },
  );
});
