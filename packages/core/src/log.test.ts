import { describe, expect, test } from 'vitest';
import { newSecret } from './secrets.ts';
import { createLog, type LogFormat, type LogLevel } from './log.ts';

function logged(
  settings: { level?: LogLevel; format: LogFormat; keep?: (line: string) => void },
  write: (log: ReturnType<typeof createLog>) => void,
) {
  const lines: string[] = [];
  write(
    createLog(
      { level: 'info', ...settings },
      () => Date.UTC(2026, 0, 12, 9),
      (line) => lines.push(line),
    ),
  );
  return lines;
}

test('JSON has the time, the level, the event and its facts', () => {
  const [line] = logged({ format: 'json' }, (log) => log('warn', 'upload.waits', { uploadId: 'upl_1' }));
  expect(JSON.parse(line!)).toEqual({
    at: '2026-01-12T09:00:00.000Z',
    level: 'warn',
    event: 'upload.waits',
    uploadId: 'upl_1',
  });
});

test('a fact never takes the place of the time, the level or the event', () => {
  const [line] = logged({ format: 'json' }, (log) => log('info', 'x', { at: 1, level: 'y', event: 'z' }));
  expect(line).toBe('{"at":"2026-01-12T09:00:00.000Z","level":"info","event":"x"}');
});

test('writes text as one line, and leaves out facts without a value', () => {
  const [line] = logged({ format: 'text' }, (log) =>
    log('info', 'job.ended', { job: 'job_1', ms: 12, file: null, reason: 'no space left' }),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d info {2}job\.ended {2}job=job_1 {2}ms=12 {2}reason="no space left"$/);
});

test('quotes a value that could look like another line', () => {
  const [line] = logged({ format: 'text' }, (log) => log('info', 'x', { name: 'a\n09:00:00 error forged' }));
  expect(line).not.toContain('\n');
});

test('writes a stack on lines of its own', () => {
  const [line] = logged({ format: 'text' }, (log) => log('error', 'x', { stack: 'Error: no\n  at here' }));
  expect(line!.split('\n').slice(1)).toEqual(['    Error: no', '    at here']);
});

test('leaves out levels below the chosen one', () => {
  const all = (level: LogLevel) =>
    logged({ level, format: 'json' }, (log) => {
      log('debug', 'a');
      log('info', 'b');
      log('warn', 'c');
      log('error', 'd');
    }).length;
  expect([all('debug'), all('info'), all('error'), all('silent')]).toEqual([4, 3, 1, 0]);
});

describe('no secret is written', () => {
  const secret = newSecret();
  test.each([
    ['a link', { message: `GET /reset/${secret} failed` }],
    ['an API token', { message: `Bearer turnover_${secret}` }],
    ['an address with a password', { message: 'smtp://hub:hunter2@mail.example:587 refused' }],
    ['a fact that is one', { password: 'hunter2', apiToken: secret, Cookie: secret }],
  ])('%s', (_, facts) => {
    for (const format of ['json', 'text'] as const) {
      const kept: string[] = [];
      const lines = logged({ format, keep: (line) => kept.push(line) }, (log) => log('info', 'x', facts));
      expect([...lines, ...kept].join()).not.toMatch(new RegExp(`${secret}|hunter2`));
      expect(kept[0]).toContain('[hidden]');
    }
  });

  test('and what only looks like one stays', () => {
    const facts = {
      hash: 'a1'.repeat(32),
      id: 'req_01234567890123456789012345',
      stack:
        'at file:///srv/turnover/node_modules/.pnpm/better-sqlite3@13.2.0/node_modules/better-sqlite3/lib/x.js:9:14',
    };
    const [line] = logged({ format: 'json' }, (log) => log('info', 'x', facts));
    expect(JSON.parse(line!)).toMatchObject(facts);
  });
});

test('keeps each line as JSON, whatever the format of the others is', () => {
  const kept: string[] = [];
  logged({ format: 'text', keep: (line) => kept.push(line) }, (log) => log('warn', 'x', { ms: 1 }));
  expect(JSON.parse(kept[0]!)).toMatchObject({ level: 'warn', event: 'x', ms: 1 });
});

test('a kept line stays whole, however long its facts are', () => {
  const kept: string[] = [];
  const facts = { stack: 'at x\n'.repeat(10_000), list: Array.from({ length: 5000 }, () => 'long') };
  logged({ format: 'json', keep: (line) => kept.push(line) }, (log) => log('error', 'x', facts));
  expect(kept[0]!.length).toBeLessThan(16_000);
  expect(JSON.parse(kept[0]!)).toMatchObject({ level: 'error', event: 'x' });
});
