import { expect, test, vi } from 'vitest';
import { wantedAnswer } from './wanted-answer.ts';

test('passes on an answer, and the error of a query that fails', async () => {
  const [onAnswer, onError] = [vi.fn(), vi.fn()];
  wantedAnswer(Promise.resolve('answer'), onAnswer, onError);
  wantedAnswer(Promise.reject(new Error('offline')), onAnswer, onError);
  await expect.poll(() => onError.mock.calls).toEqual([[new Error('offline')]]);
  expect(onAnswer.mock.calls).toEqual([['answer']]);
});

test('drops what arrives after it is no longer wanted', async () => {
  const late = Promise.withResolvers<string>();
  const failing = Promise.withResolvers<string>();
  const [onAnswer, onError] = [vi.fn(), vi.fn()];
  wantedAnswer(late.promise, onAnswer, onError)();
  wantedAnswer(failing.promise, onAnswer, onError)();
  late.resolve('late');
  failing.reject(new Error('late'));
  await Promise.allSettled([late.promise, failing.promise]);
  await Promise.resolve();
  expect(onAnswer).not.toHaveBeenCalled();
  expect(onError).not.toHaveBeenCalled();
});
