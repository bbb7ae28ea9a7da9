import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BlockPool, type Blocks } from './receive-blocks.ts';

const limits = { largeBytes: 1000, large: 8, perUpload: 5, quickMs: 100, keptMs: 100 };
let pool: BlockPool;

beforeEach(() => {
  vi.useFakeTimers();
  pool = new BlockPool(limits);
});
afterEach(() => vi.useRealTimers());

function takeAll(blocks: Blocks): Buffer[] {
  const taken: Buffer[] = [];
  for (let block = blocks.takeLarge(); block; block = blocks.takeLarge()) taken.push(block);
  return taken;
}

test('one upload gets at most its maximum, however much is free', () => {
  expect(takeAll(pool.open())).toHaveLength(5);
  expect(pool.heldBlocks).toBe(5);
});

test('never lends more than there are, and no block twice', () => {
  const all = Array.from({ length: 20 }, () => takeAll(pool.open())).flat();
  expect(all).toHaveLength(8);
  expect(new Set(all).size).toBe(8);
});

test('uploads that hold blocks share them equally; others do not count', () => {
  const waiting = Array.from({ length: 9 }, () => pool.open());
  const [first, second] = [pool.open(), pool.open()];
  const taken = takeAll(first);
  expect(takeAll(second)).toHaveLength(3);
  for (const block of taken) first.giveBack(block);
  expect(takeAll(second)).toHaveLength(2);
  expect(takeAll(first)).toHaveLength(3);
  second.release();
  expect(takeAll(first)).toHaveLength(2);
  expect(waiting[0]!.takeLarge()).not.toBeNull();
});

test('each upload has a small block of its own', () => {
  const small = Array.from({ length: 100 }, () => pool.open().small);
  expect(new Set(small).size).toBe(100);
});

test('lends blocks again after they were given back in any way', () => {
  const first = pool.open();
  const taken = takeAll(first);
  first.giveBack(taken[0]!);
  first.giveBack(taken[0]!);
  first.giveBack(first.small);
  expect(pool.heldBlocks).toBe(4);
  first.release();
  first.release();
  expect(pool.heldBlocks).toBe(0);
  expect(takeAll(pool.open()).every((block) => taken.includes(block))).toBe(true);
});

test('gives the memory back when nobody has uploaded for a while', () => {
  const first = pool.open();
  const [before] = takeAll(first);
  first.release();
  vi.advanceTimersByTime(limits.keptMs / 2);
  const second = pool.open();
  vi.advanceTimersByTime(limits.keptMs);
  expect(takeAll(second)).toContain(before);
  second.release();
  vi.advanceTimersByTime(limits.keptMs);
  const third = pool.open();
  expect(takeAll(third)).toHaveLength(5);
  expect(takeAll(third)).not.toContain(before);
  // Not only when garbage is collected.
  expect(before).toHaveLength(0);
});
