import { beforeEach, describe, expect, test } from 'vitest';
import { batchFolder, Batches, type Batch } from './batches.ts';

const day = 24 * 3600_000;
let stored: Map<string, string>;
let batches: Batches;
const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
};
beforeEach(() => {
  stored = new Map();
  batches = new Batches(storage, 'usr_1');
});

const batch = (more: Partial<Batch> = {}): Batch => ({
  projectId: 'p1',
  folderId: null,
  requestId: null,
  folder: 'Card 002',
  files: 270,
  arrived: 48,
  at: 100 * day,
  isOpen: false,
  ...more,
});
const left = (now = 100 * day) => batches.left(now).map(({ folder, arrived }) => [folder, arrived]);

describe('remembered batches', () => {
  test('keeps one for each folder and target, the newest first', () => {
    batches.put(batch());
    batches.put(batch({ folder: 'Card 003' }));
    batches.put(batch({ arrived: 60 }));
    batches.put(batch({ requestId: 'r1', arrived: 1 }));
    expect(left()).toEqual([
      ['Card 002', 1],
      ['Card 002', 60],
      ['Card 003', 48],
    ]);
    batches.forget(batch());
    expect(left()).toHaveLength(2);
  });

  test('hides those that an open page sends, and shows them when that page falls silent', () => {
    batches.put(batch({ isOpen: true }));
    expect(left(100 * day + 10_000)).toEqual([]);
    expect(left(100 * day + 16_000)).toHaveLength(1);
    batches.put(batch({ isOpen: false }));
    expect(left()).toHaveLength(1);
  });

  test('keeps few and recent ones, and only those of one person', () => {
    for (let number = 0; number < 30; number++) batches.put(batch({ folder: `Card ${number}` }));
    expect(left()).toHaveLength(20);
    expect(new Batches(storage, 'usr_2').left(100 * day)).toEqual([]);
    expect(left(115 * day)).toEqual([]);
  });

  test('returns none when the storage holds other data or is blocked', () => {
    for (const text of ['{', '{}', '[1, null, {}]', '[{"projectId": "p1"}]']) {
      stored.set('uploads.usr_1', text);
      expect(left()).toEqual([]);
    }
    const blocked = () => {
      throw new Error('SecurityError');
    };
    const none = new Batches({ getItem: blocked, setItem: blocked, removeItem: blocked }, 'usr_1');
    none.put(batch());
    expect(none.left(0)).toEqual([]);
  });
});

test('a batch has the name of the chosen folder', () => {
  expect(batchFolder('Card 002/audio/take1.wav')).toBe('Card 002');
  expect(batchFolder('take1.wav')).toBeNull();
});
