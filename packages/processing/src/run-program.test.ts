import { expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const io = () => ({
  limits: { timeMs: 10_000, fileBytes: 1000, memoryBytes: 100 * 1024 ** 2 },
  signal: new AbortController().signal,
});

test('of a long log the last whole lines are kept', async () => {
  const words = 'seq -f "[decoder @ 0x%06g] broken" 1000 >&2; exit 1';
  const { errors } = await runProgram('sh', ['-c', words], io());
  expect(errors).toMatch(/^\[decoder @ 0x000\d\d\d\] broken\n/);
  expect(errors).toMatch(/\[decoder @ 0x001000\] broken\n$/);
});

test('of a single long line its end is kept', async () => {
  const { errors } = await runProgram('sh', ['-c', 'printf "%05000d\\n" 7 >&2'], io());
  expect(errors).toMatch(/^0{1900,}7\n$/);
});

test('a program gets no environment variable except PATH', async () => {
  process.env.TURNOVER_SECRET = 'secret';
  const lines: string[] = [];
  const end = await runProgram('env', [], {
    ...io(),
    onLine: (line) => lines.push(line),
  });
  delete process.env.TURNOVER_SECRET;
  expect(end).toMatchObject({ code: 0, errors: '' });
  expect(lines).toEqual([`PATH=${process.env.PATH}`]);
});
