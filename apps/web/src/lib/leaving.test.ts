import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leave, readWhileHere, stayMs } from './leaving.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A hub whose answers the test controls. Like fetch, a call fails when it is aborted. */
function hub() {
  const asked: ((answer: string) => void)[] = [];
  const read = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      asked.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  return { asked, read };
}

test('aborts running reads, and repeats them for a person who stays', async () => {
  const { asked, read } = hub();
  const settled = vi.fn();
  const answer = readWhileHere(read).finally(settled);
  void leave();
  void leave();
  await vi.advanceTimersByTimeAsync(stayMs - 1);
  expect(settled).not.toHaveBeenCalled();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  asked[1]!('there');
  expect(await answer).toBe('there');
});

test('sends no new reads while the page leaves', async () => {
  const { asked, read } = hub();
  void leave();
  const answer = readWhileHere(read);
  await vi.advanceTimersByTimeAsync(stayMs - 1);
  expect(asked).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  asked[0]!('there');
  expect(await answer).toBe('there');
});

test('passes on an answer and a failure', async () => {
  expect(await readWhileHere(() => Promise.resolve('there'))).toBe('there');
  await expect(readWhileHere(() => Promise.reject(new TypeError('no network')))).rejects.toThrow(
    'no network',
  );
});
