/** Small files in every format that our own readers know, built from numbers. */

export const text = (value: string) => Buffer.from(value, 'latin1');
export const zeros = (length: number) => Buffer.alloc(length);

export function u16(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value & 255, (value >> 8) & 255])));
}

export function u32(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer)));
}

export function u64(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)));
}

export function f32(...values: number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** Returns the bytes of numbers in network byte order. */
export function big(length: 1 | 2 | 3 | 4, ...values: number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(length);
      bytes.writeUIntBE(value, 0, length);
      return bytes;
    }),
  );
}

export function padded(value: string, length: number): Buffer {
  return Buffer.concat([text(value), zeros(length)]).subarray(0, length);
}

/** Returns a file of `size` bytes with values at the given positions. */
export function layout(size: number, parts: readonly (readonly [number, Buffer])[]): Buffer {
  const bytes = zeros(size);
  for (const [at, value] of parts) value.copy(bytes, at);
  return bytes;
}
