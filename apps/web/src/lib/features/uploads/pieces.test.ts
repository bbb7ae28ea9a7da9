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

test('pieces are halved down to what nginx takes as it comes, and no further', () => {
  const pieces = new Pieces(memory());
  const sizes = [pieces.bytes];
  while (pieces.shrink(pieces.bytes)) sizes.push(pieces.bytes);
  expect(sizes.map((bytes) => bytes / 1024 / 1024)).toEqual([64, 32, 16, 8, 4, 2, 1, 0.5]);
  expect(pieces.bytes).toBe(smallestPieceBytes);
  expect(smallestPieceBytes).toBeLessThan(1024 * 1024);
});

test('what one upload found out is not found out again by the next, nor by the next page', () => {
  const kept = memory();
  const pieces = new Pieces(kept);
  pieces.shrink(largestPieceBytes);
  const found = pieces.bytes;
  expect(pieces.shrink(largestPieceBytes)).toBe(true);
  expect(pieces.bytes).toBe(found);
  expect(new Pieces(kept).bytes).toBe(found);
});

test('that pieces got smaller is news once', () => {
  const pieces = new Pieces(null);
  expect(pieces.takeNews()).toBeNull();
  pieces.shrink(pieces.bytes);
  pieces.shrink(pieces.bytes);
  expect(pieces.takeNews()).toBe(16 * 1024 * 1024);
  expect(pieces.takeNews()).toBeNull();
});

test.each(['', '0', '-1', 'NaN', 'x', '1e99', '100'])('%j in the memory is nothing', (kept) => {
  expect(new Pieces(memory(kept)).bytes).toBe(largestPieceBytes);
});

test('a browser that keeps nothing is no obstacle', () => {
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
