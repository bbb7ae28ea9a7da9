import { expect, test } from 'vitest';
import { firstPieceBytes, largestPieceBytes, Pieces, smallestPieceBytes } from './pieces.ts';

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
  pieces.shrink(firstPieceBytes);
  const found = pieces.bytes;
  expect(pieces.shrink(firstPieceBytes)).toBe(true);
  expect(pieces.bytes).toBe(found);
  expect(new Pieces(kept).bytes).toBe(found);
});

test('grows while pieces are sent quickly', () => {
  const pieces = new Pieces(memory());
  const sizes: number[] = [];
  for (let count = 0; count < 6; count++) {
    pieces.grow(pieces.bytes, 4000);
    sizes.push(pieces.bytes / 1024 / 1024);
  }
  expect(sizes).toEqual([128, 256, 512, 1024, 1024, 1024]);
  expect(pieces.bytes).toBe(largestPieceBytes);
});

test('does not grow after slow pieces, or after the short last piece of a file', () => {
  const pieces = new Pieces(memory());
  pieces.grow(firstPieceBytes, 6000);
  pieces.grow(1000, 1);
  expect(pieces.bytes).toBe(firstPieceBytes);
});

test('quietly returns to the previous size when a proxy refuses the larger one, and keeps it', () => {
  const kept = memory();
  const pieces = new Pieces(kept);
  pieces.grow(firstPieceBytes, 1);
  expect(pieces.shrink(pieces.bytes)).toBe(true);
  expect(pieces.takeNews()).toBeNull();
  for (const each of [pieces, new Pieces(kept)]) {
    each.grow(firstPieceBytes, 1);
    expect(each.bytes).toBe(firstPieceBytes);
  }
});

test('uses the refused size, not the one that another upload has grown to', () => {
  const pieces = new Pieces(memory());
  pieces.grow(firstPieceBytes, 1);
  expect(pieces.shrink(firstPieceBytes)).toBe(true);
  expect(pieces.bytes).toBe(firstPieceBytes / 2);
});

test('reports once that pieces got smaller', () => {
  const pieces = new Pieces(null);
  expect(pieces.takeNews()).toBeNull();
  pieces.shrink(pieces.bytes);
  pieces.shrink(pieces.bytes);
  expect(pieces.takeNews()).toBe(16 * 1024 * 1024);
  expect(pieces.takeNews()).toBeNull();
});

test.each(['', '0', '-1', 'NaN', 'x', '1e99', '100'])('ignores %j in session storage', (kept) => {
  expect(new Pieces(memory(kept)).bytes).toBe(firstPieceBytes);
});

test('works in a browser without session storage', () => {
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
  expect(pieces.bytes).toBe(firstPieceBytes / 2);
});
