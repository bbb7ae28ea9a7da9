import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dpx } from '../../inspect/testing/frames.ts';
import { decodeDpx } from './dpx-picture.ts';
import { byteOfLinear } from './picture.ts';

const small = { width: 4, height: 2 };

/** Builds a frame of one colour, given in code values, with the given transfer characteristic. */
function flat(
  codes: [number, number, number],
  { bits = 10, packing = 1, transfer = 5, isBig = true } = {},
): Buffer {
  const bytes = dpx({ ...small, bits, packing, picture: 8 * 8 });
  bytes[801] = transfer;
  for (let at = 0; at < 8; at += 1) {
    const from = 2048 + at * (bits === 10 ? 4 : (bits / 8) * 3);
    const [red, green, blue] = codes;
    if (bits === 10)
      bytes.writeUInt32BE(((red << 20) | (green << 10) | blue) * (packing === 1 ? 4 : 1), from);
    else
      codes.forEach((code, part) =>
        bits === 8 ? bytes.writeUInt8(code, from + part) : bytes.writeUInt16BE(code, from + part * 2),
      );
  }
  if (isBig) return bytes;
  for (const at of [4, 16, 772, 776, 808]) bytes.subarray(at, at + 4).reverse();
  for (const at of [770, 804, 806]) bytes.subarray(at, at + 2).reverse();
  for (let at = 2048; at < 2048 + 32; at += 4) bytes.subarray(at, at + 4).reverse();
  bytes.write('XPDS', 0, 'latin1');
  return bytes;
}
const pixel = (bytes: Buffer, at = 0) => {
  const rgb = decodeDpx(bytes)?.rgb;
  return rgb && [...rgb.subarray(at * 3, at * 3 + 3)];
};

test.each([
  ['10 bits, filled A', flat([1023, 512, 0])],
  ['10 bits, filled B', flat([1023, 512, 0], { packing: 2 })],
  ['10 bits in the other byte order', flat([1023, 512, 0], { isBig: false })],
  ['8 bits', flat([255, 128, 0], { bits: 8, packing: 0 })],
  ['16 bits', flat([65_535, 32_896, 0], { bits: 16, packing: 0 })],
])('%s', (_, bytes) => {
  expect(decodeDpx(bytes)).toMatchObject(small);
  for (const at of [0, 3, 4, 7]) expect(pixel(bytes, at)).toEqual([255, 128, 0]);
});

test('film densities are converted to light: black becomes black, and white becomes white', () => {
  for (const transfer of [1, 3])
    expect(pixel(flat([685, 95, 0], { transfer }))).toEqual([byteOfLinear(1), 0, 0]);
  expect(pixel(flat([1023, 445, 95], { transfer: 3 }))![0]).toBe(255);
});

test.each([
  ['a kind of packing that it does not know', flat([0, 0, 0], { packing: 7 })],
  ['12 bits', dpx({ ...small, bits: 12, picture: 96 })],
  ['a cut picture', flat([0, 0, 0]).subarray(0, 2060)],
  ['a picture of no size', dpx({ width: 0, picture: 10 })],
  ['a picture larger than any frame', dpx({ width: 60_000, height: 60_000, picture: 10 })],
  ['nothing', Buffer.alloc(0)],
])('%s is not decoded', (_, bytes) => {
  expect(decodeDpx(bytes)).toBeNull();
});

test('survives damaged files', () => {
  const valid = flat([685, 95, 0]);
  const place = fc.nat({ max: 2060 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
      place,
      (changes, end) => {
        const copy = Buffer.from(valid);
        for (const [at, value] of changes) copy[at] = value;
        for (const bytes of [copy, copy.subarray(0, end)]) decodeDpx(bytes);
      },
    ),
    { numRuns: 300 },
  );
});
