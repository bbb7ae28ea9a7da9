import { expect, test } from 'vitest';
import { createLog, type LogFormat, type LogLevel } from './log.ts';

function logged(
  settings: { level?: LogLevel; format: LogFormat },
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
