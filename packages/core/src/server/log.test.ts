import { appendFileSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listLogInput, type LogListView } from '@turnover/domain/server/log';
import { listLog } from './log.ts';

let logs: string;
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'turnover-log-'));
});
afterEach(() => rmSync(logs, { recursive: true, force: true }));

const line = (at: number, level: string, event: string, facts = {}) =>
  `${JSON.stringify({ at: new Date(at).toISOString(), level, event, ...facts })}\n`;
const write = (name: string, ...lines: string[]) => appendFileSync(join(logs, name), lines.join(''));
const list = (input: object = {}, budget?: { bytes: number }) =>
  listLog({ logs }, listLogInput.parse(input), budget);
const eventsOf = ({ lines }: LogListView) => lines.map(({ event, text }) => event ?? text);

/** Reads to the end, page by page. */
async function readAll(input: object, budget = () => ({ bytes: 1e9 })): Promise<string[]> {
  const events: string[] = [];
  for (let before: string | undefined; ;) {
    const page = await list({ ...input, before }, budget());
    events.push(...eventsOf(page));
    if (page.next === null) return events;
    before = page.next;
  }
}

test('lists the lines of all processes and files, newest first', async () => {
  write('web.1.log', line(1, 'info', 'a'));
  write(
    'web.log',
    line(3, 'info', 'c'),
    line(5, 'error', 'e', { stack: 'Error\n at x', id: 'req_1', ms: 4 }),
  );
  write('worker.log', line(2, 'info', 'b'));
  write('supervisor.log', line(4, 'warn', 'd'));
  const page = await list();
  expect(eventsOf(page)).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect(page.next).toBeNull();
  expect(page.lines[0]).toMatchObject({
    process: 'web',
    at: 5,
    level: 'error',
    text: 'id=req_1 ms=4',
    stack: 'Error\n at x',
  });
});

test('works without a folder, without files, and with an empty file', async () => {
  expect(await listLog({}, listLogInput.parse({}))).toEqual({ lines: [], next: null });
  expect(await list()).toEqual({ lines: [], next: null });
  write('web.log', '');
  expect(await list()).toEqual({ lines: [], next: null });
});

test('lines of a time when the clock was wrong hide no others', async () => {
  write('web.log', line(900, 'info', 'a'), line(5, 'info', 'wrong'), line(1000, 'info', 'b'));
  expect(eventsOf(await list({ from: 800 }))).toEqual(['b', 'a']);
});

test('stops at the asked time', async () => {
  const earlier = Array.from({ length: 3000 }, (_, at) => line(at, 'info', 'earlier'));
  write('web.log', ...earlier, line(5000, 'info', 'later'));
  const budget = { bytes: 200_000 };
  expect(await list({ from: 4000 }, budget)).toMatchObject({ lines: [{ event: 'later' }], next: null });
});

test('a file that is rotated between two reads is read once', async () => {
  write('web.log', line(1, 'info', 'a'));
  linkSync(join(logs, 'web.log'), join(logs, 'web.1.log'));
  expect(eventsOf(await list())).toEqual(['a']);
});

test('shows a line that is no entry as it is', async () => {
  write('web.log', line(1, 'info', 'a'), '<b>half', '\n', '"text"\n', 'null\n', '{"at":7,"level":"x"}\n');
  const { lines } = await list();
  expect(lines.map(({ text, at, level }) => ({ text, at, level }))).toEqual([
    { text: '', at: null, level: null },
    { text: 'null', at: null, level: null },
    { text: '"text"', at: null, level: null },
    { text: '<b>half', at: null, level: null },
    { text: '', at: 1, level: 'info' },
  ]);
});

describe('a filter', () => {
  beforeEach(() => {
    write('web.log', line(10, 'debug', 'w.debug'), line(20, 'error', 'w.error', { reason: 'Disk FULL' }));
    write('worker.log', line(15, 'warn', 'k.warn'), 'half a line\n');
  });

  test.each([
    [{ process: 'worker' }, ['half a line', 'k.warn']],
    [{ level: 'warn' }, ['w.error', 'k.warn']],
    [{ level: 'error' }, ['w.error']],
    [{ from: 15 }, ['half a line', 'w.error', 'k.warn']],
    [{ to: 20 }, ['k.warn', 'w.debug']],
    [{ from: 11, to: 20 }, ['k.warn']],
    [{ text: 'disk full' }, ['w.error']],
    [{ text: 'K.WARN' }, ['k.warn']],
    [{ text: 'nothing' }, []],
  ])('%j', async (input, events) => {
    expect(eventsOf(await list(input))).toEqual(events);
  });
});

describe('pages', () => {
  const all = Array.from({ length: 60 }, (_, number) => `e${number}`);
  beforeEach(() => {
    const lines = all.map((event, at) =>
      line(at, at % 7 === 0 ? 'warn' : 'info', event, { text: 'é'.repeat(40) }),
    );
    lines.forEach((each, at) =>
      write(['web.1.log', 'web.log', 'worker.log'][at < 20 ? 0 : 1 + (at % 2)]!, each),
    );
  });

  test.each([1, 2, 7, 59, 60, 200])('of %i lines show each line once', async (limit) => {
    expect(await readAll({ limit })).toEqual(all.toReversed());
  });

  test('of a filter show each line once', async () => {
    expect(await readAll({ limit: 2, level: 'warn' })).toEqual(
      all.filter((_, at) => at % 7 === 0).toReversed(),
    );
  });

  test('go on where they were when lines come and files are rotated', async () => {
    const first = await list({ limit: 10 });
    write('web.log', line(100, 'info', 'new'));
    renameSync(join(logs, 'web.1.log'), join(logs, 'web.2.log'));
    renameSync(join(logs, 'web.log'), join(logs, 'web.1.log'));
    write('web.log', line(101, 'info', 'newer'));
    const second = await list({ before: first.next!, limit: 200 });
    expect([...eventsOf(first), ...eventsOf(second)]).toEqual(all.toReversed());
  });

  test('end where the files were deleted meanwhile', async () => {
    const { next } = await list({ limit: 10 });
    for (const name of ['web.log', 'web.1.log', 'worker.log']) rmSync(join(logs, name));
    expect(await list({ before: next! })).toEqual({ lines: [], next: null });
  });

  test('a place that nobody gave leads to nothing', async () => {
    expect(await list({ before: 'web.1.5~root.1.1~..~worker' })).toEqual({ lines: [], next: null });
  });
});

test('reads a bounded number of bytes a call, and says that there is more', async () => {
  const lines = Array.from({ length: 4000 }, (_, at) => line(at, 'info', `e${at}`, { pad: 'x'.repeat(100) }));
  write('web.log', ...lines);
  write('worker.log', line(0, 'error', 'the one'));
  const budget = { bytes: 128 * 1024 };
  const page = await list({ text: 'the one' }, budget);
  expect(budget.bytes).toBeGreaterThan(-64 * 1024);
  expect(page.lines).toEqual([]);
  expect(page.next).not.toBeNull();
  expect(await readAll({ text: 'the one' }, () => ({ bytes: 128 * 1024 }))).toEqual(['the one']);
  expect(await readAll({}, () => ({ bytes: 128 * 1024 }))).toHaveLength(4001);
});

test('a line longer than what is read at once is one line', async () => {
  writeFileSync(
    join(logs, 'web.log'),
    line(1, 'info', 'before') + line(2, 'info', 'long', { text: 'é'.repeat(200_000) }),
  );
  const { lines } = await list();
  expect(lines.map(({ event }) => event)).toEqual(['long', 'before']);
  expect(lines[0]!.text.length).toBeLessThan(5000);
});
