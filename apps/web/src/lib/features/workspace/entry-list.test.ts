import { expect, test } from 'vitest';
import { EntryList, type EntryPage, type EntryQuery } from './entry-list.svelte.ts';
import { testEntry } from './testing-entry.ts';

type Question = EntryQuery & { offset: number; limit: number };
const byName: EntryQuery = { order: { column: 'name', descending: false }, filter: '' };

/** Returns a page of a folder of `total` rows; each name contains the order and the position. */
function pageOf({ order, filter, offset, limit }: Question, total: number): EntryPage {
  const rows = Math.max(0, Math.min(limit, total - offset));
  const entries = Array.from({ length: rows }, (_, index) =>
    testEntry(`${order.descending ? '-' : ''}${order.column}${filter}${offset + index}`),
  );
  return { entries, total };
}

function listOf(total: number) {
  const questions: Question[] = [];
  let now = total;
  const list = new EntryList(
    async (question) => {
      questions.push(question);
      return pageOf(question, now);
    },
    byName,
    pageOf({ ...byName, offset: 0, limit: 200 }, total),
  );
  return { list, questions, become: (rows: number) => (now = rows) };
}

test('loads each window once, when it comes into view', async () => {
  const { list, questions } = listOf(100_000);
  await list.show(0, 40);
  expect(questions).toEqual([]);
  await Promise.all([list.show(50_150, 50_210), list.show(50_160, 50_220)]);
  expect(questions.map(({ offset }) => offset)).toEqual([50_000, 50_200]);
  expect(list.at(50_210)?.name).toBe('name50210');
  expect(list.at(49_999)).toBeUndefined();
  expect(list.rowOf('name50210')).toBe(50_210);
});

test('drops windows out of view, the oldest first', async () => {
  const { list } = listOf(100_000);
  for (let row = 0; row < 4000; row += 200) await list.show(row, row + 40);
  expect(list.loaded.length).toBe(12 * 200);
  expect(list.at(0)).toBeUndefined();
  expect(list.at(3840)?.name).toBe('name3840');
});

test('drops an answer in an order that is no longer requested', async () => {
  const answers: (() => void)[] = [];
  const list = new EntryList(
    (question) => new Promise((resolve) => answers.push(() => resolve(pageOf(question, 1000)))),
    byName,
    pageOf({ ...byName, offset: 0, limit: 200 }, 1000),
  );
  const shown = list.show(500, 540);
  const bySize = list.change({ order: { column: 'size', descending: false } });
  const bySizeDown = list.change({ order: { column: 'size', descending: true } });
  expect(list.changing).toBe(true);
  answers[2]?.();
  await bySizeDown;
  answers[0]?.();
  answers[1]?.();
  await Promise.all([shown, bySize]);
  expect(list.loaded.map(({ name }) => name).every((name) => name.startsWith('-size'))).toBe(true);
  expect(list.changing).toBe(false);
});

test('a reload fetches the visible windows, but not a first page that is already loaded', async () => {
  const { list, questions, become } = listOf(1000);
  await list.show(390, 410);
  questions.length = 0;
  become(1001);
  await list.refreshFrom(pageOf({ ...byName, offset: 0, limit: 200 }, 1001));
  expect(questions.map(({ offset }) => offset)).toEqual([200, 400]);
  expect(list.total).toBe(1001);
  await list.show(0, 40);
  questions.length = 0;
  await list.refreshFrom(pageOf({ ...byName, offset: 0, limit: 200 }, 1001));
  expect(questions).toEqual([]);
});

test('a shorter list drops the rows that are gone', async () => {
  const { list, become } = listOf(1000);
  await list.show(900, 940);
  become(100);
  await list.refresh();
  await list.show(60, 99);
  expect(list.total).toBe(100);
  expect(list.at(99)?.name).toBe('name99');
});

test('keeps a failure for a retry', async () => {
  let fails = true;
  const list = new EntryList(
    async (question) => {
      if (fails) throw new Error('no line');
      return pageOf(question, 1000);
    },
    byName,
    pageOf({ ...byName, offset: 0, limit: 200 }, 1000),
  );
  await list.show(400, 440);
  expect(list.error).toBeInstanceOf(Error);
  fails = false;
  await list.refresh();
  expect(list.error).toBeNull();
  expect(list.at(400)?.name).toBe('name400');
});

test('a range fetches the rows that are not loaded', async () => {
  const { list, questions } = listOf(1000);
  const between = await list.between(150, 649);
  expect(between.map(({ name }) => name)).toEqual(
    Array.from({ length: 500 }, (_, index) => `name${150 + index}`),
  );
  expect(questions.map(({ offset }) => offset)).toEqual([200, 400, 600]);
});
