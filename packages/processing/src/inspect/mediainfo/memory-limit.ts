/**
 * Limits the memory of WebAssembly in this thread, which no other limit of a thread covers. A film needs some 60 MB; a compressed
 * index of 1 MB can unfold to a thousand times its size.
 */
import { mebibyte } from '../source.ts';

export const maxMemoryBytes = 512 * mebibyte;
const pageBytes = 64 * 1024;

type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly;

/** Programs in WebAssembly ask JavaScript for more memory, and take an error for a refusal. */
export function limitMemory(): void {
  const { grow } = Memory.prototype;
  Memory.prototype.grow = function limitedGrow(this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * pageBytes > maxMemoryBytes) throw new RangeError('Too much memory.');
    return grow.call(this, pages);
  };
}
