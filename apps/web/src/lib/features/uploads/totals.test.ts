import { expect, test } from 'vitest';
import { sumUp } from './totals.ts';
import type { ItemStatus } from './upload-item.svelte.ts';

const item = (status: ItemStatus, sentBytes: number, size: number) => ({ status, sentBytes, file: { size } });

test('progress counts bytes, not files', () => {
  const totals = sumUp([item('done', 100, 100), item('sending', 100, 300)]);
  expect(totals).toMatchObject({ files: 2, fraction: 0.5, counts: { done: 1, sending: 1, failed: 0 } });
});

test('progress counts files when all are empty', () => {
  expect(sumUp([item('done', 0, 0), item('waiting', 0, 0)]).fraction).toBe(0.5);
  expect(sumUp([]).fraction).toBe(0);
});

test('lists uploads that need attention first and omits finished ones', () => {
  const items = [item('waiting', 0, 1), item('done', 1, 1), item('sending', 0, 1), item('taken', 0, 1)];
  expect(sumUp(items).lines.map(({ status }) => status)).toEqual(['taken', 'sending', 'waiting']);
});

test('a folder of many frames yields a limited number of lines', () => {
  const items = Array.from({ length: 5000 }, () => item('waiting', 0, 1));
  expect(sumUp(items).lines.length).toBeLessThan(100);
});

test('counts files without an item: finished ones, and queued ones', () => {
  const items = [item('sending', 50, 100), item('done', 100, 100)];
  const unseen = {
    already: 3,
    done: { files: 10, bytes: 1000 },
    behind: { files: 100_000, bytes: 8800, isHeld: false },
  };
  expect(sumUp(items, unseen)).toMatchObject({
    files: 100_012,
    already: 3,
    behind: 100_000,
    fraction: 1150 / 10_000,
    counts: { done: 11, waiting: 100_000, paused: 0, sending: 1 },
  });
  const held = { ...unseen, behind: { ...unseen.behind, isHeld: true } };
  expect(sumUp(items, held).counts).toMatchObject({ waiting: 0, paused: 100_000 });
});

test('uploads that need attention do not count in the progress', () => {
  const items = [
    item('failed', 10, 100),
    item('taken', 0, 100),
    item('mismatch', 100, 100),
    item('sending', 50, 100),
  ];
  expect(sumUp(items)).toMatchObject({
    files: 1,
    fraction: 0.5,
    counts: { failed: 1, taken: 1, mismatch: 1 },
  });
});
