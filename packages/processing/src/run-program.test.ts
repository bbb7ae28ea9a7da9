import { expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

test('a program gets no environment variable except PATH', async () => {
  process.env.TURNOVER_SECRET = 'secret';
  const lines: string[] = [];
  const end = await runProgram('env', [], {
    limits: { timeMs: 10_000, fileBytes: 1000, memoryBytes: 100 * 1024 ** 2 },
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  delete process.env.TURNOVER_SECRET;
  expect(end).toMatchObject({ code: 0, errors: '' });
  expect(lines).toEqual([`PATH=${process.env.PATH}`]);
});
