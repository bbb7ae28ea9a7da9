import { big, f32, layout, padded, text, u32, u64, zeros } from './bytes.ts';

type DpxOptions = {
  width?: number;
  height?: number;
  bits?: number;
  packing?: number;
  picture?: number;
  size?: number;
};

/** A DPX frame with all headers, at 23.976 frames a second from 01:02:03:04. */
export function dpx({
  width = 64,
  height = 32,
  bits = 10,
  packing = 1,
  picture,
  size,
}: DpxOptions = {}): Buffer {
  const pixels = picture ?? width * height * 4;
  return layout(2048 + pixels, [
    [0, text('SDPX')],
    [4, big(4, 2048)],
    [8, padded('V2.0', 8)],
    [16, big(4, size ?? 2048 + pixels)],
    [36, padded('frame.dpx', 100)],
    [160, padded('Demo Film Scanner', 100)],
    [770, big(2, 1)],
    [772, big(4, width, height)],
    [800, big(1, 50, 3, 2, bits)],
    [804, big(2, packing, 0)],
    [808, big(4, 2048)],
    [1628, big(4, 2, 1)],
    [1724, floatBig(24)],
    [1920, big(4, 0x01020304)],
    [1940, floatBig(23.976)],
  ]);
}

function floatBig(value: number): Buffer {
  return f32(value).reverse();
}

export type ExrAttribute = [name: string, type: string, value: Buffer];

export const box = (x: number, y: number, width: number, height: number) =>
  u32(x >>> 0, y >>> 0, (x + width - 1) >>> 0, (y + height - 1) >>> 0);

export function channels(names: readonly string[], type = 1): Buffer {
  return Buffer.concat([
    ...names.map((name) => Buffer.concat([text(`${name}\0`), u32(type), zeros(4), u32(1, 1)])),
    zeros(1),
  ]);
}

/** A picture of 64 × 32 in chunks of one line. */
export function exrAttributes(): ExrAttribute[] {
  return [
    ['channels', 'chlist', channels(['B', 'G', 'R'])],
    ['compression', 'compression', big(1, 2)],
    ['dataWindow', 'box2i', box(0, 0, 64, 32)],
    ['displayWindow', 'box2i', box(0, 0, 64, 32)],
    ['lineOrder', 'lineOrder', zeros(1)],
    ['pixelAspectRatio', 'float', f32(1)],
  ];
}

type ExrOptions = { flags?: number; chunks?: number; chunkBytes?: number };

/** Builds an EXR. `chunks`: how many chunks the table lists. */
export function exr(
  attributes: readonly ExrAttribute[] = exrAttributes(),
  { flags = 0, chunks = 32, chunkBytes = 16 }: ExrOptions = {},
): Buffer {
  const header = Buffer.concat([
    Buffer.from([0x76, 0x2f, 0x31, 0x01]),
    u32(2 | flags),
    ...attributes.flatMap(([name, type, value]) => [text(`${name}\0${type}\0`), u32(value.length), value]),
    zeros(1),
  ]);
  const first = header.length + chunks * 8;
  const numbers = Array.from({ length: chunks }, (_, index) => index);
  return Buffer.concat([
    header,
    u64(...numbers.map((index) => first + index * (8 + chunkBytes))),
    ...numbers.map((index) => Buffer.concat([u32(index, chunkBytes), zeros(chunkBytes)])),
  ]);
}
