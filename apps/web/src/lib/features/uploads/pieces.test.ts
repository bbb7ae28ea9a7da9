import { expect, test } from 'vitest';
import { largestPieceBytes, Pieces, smallestPieceBytes } from './pieces.ts';

function memory(kept: string | null = null) {
  const items = new Map<string, string>(kept === null ? [] : [['turnover.pieceBytes', kept]]);
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

test('halves pieces down to the size that nginx accepts by default, and no further', () => {
  const pieces = new Pieces(memory());
  const sizes = [pieces.bytes];
  while (pieces.shrink(pieces.bytes)) sizes.push(pieces.bytes);
  expect(sizes.map((bytes) => bytes / 1024 / 1024)).toEqual([64, 32, 16, 8, 4, 2, 1, 0.5]);
  expect(pieces.bytes).toBe(smallestPieceBytes);
  expect(smallestPieceBytes).toBeLessThan(1024 * 1024);
});

test('shares a size that worked with the next upload and the next page', () => {
  const kept = memory();
  const pieces = new Pieces(kept);
  pieces.shrink(largestPieceBytes);
  const found = pieces.bytes;
  expect(pieces.shrink(largestPieceBytes)).toBe(true);
  expect(pieces.bytes).toBe(found);
  expect(new Pieces(kept).bytes).toBe(found);
});

test('reports once that pieces got smaller', () => {
  const pieces = new Pieces(null);
  expect(pieces.takeNews()).toBeNull();
  pieces.shrink(pieces.bytes);
  pieces.shrink(pieces.bytes);
  expect(pieces.takeNews()).toBe(16 * 1024 * 1024);
  expect(pieces.takeNews()).toBeNull();
});

test.each(['', '0', '-1', 'NaN', 'x', '1e99', '100'])('ignores %j in the memory', (kept) => {
  expect(new Pieces(memory(kept)).bytes).toBe(largestPieceBytes);
});

test('works in a browser that stores nothing', () => {
  const refusing = {
    getItem: () => {
      throw new Error('SecurityError');
    },
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  const pieces = new Pieces(refusing);
  expect(pieces.shrink(pieces.bytes)).toBe(true);
  expect(pieces.bytes).toBe(largestPieceBytes / 2);
});
