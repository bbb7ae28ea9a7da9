import { expect, test } from 'vitest';
import { stepsOf } from './steps.ts';

const states = (status: Parameters<typeof stepsOf>[0]['status'], round = 1) =>
  stepsOf({ status, round, processing: null }).map(({ state }) => state);

test('what is behind is done, what is ahead is not', () => {
  expect(states('open')).toEqual(['current', 'ahead', 'ahead', 'ahead', 'ahead']);
  expect(states('processing')).toEqual(['done', 'done', 'current', 'ahead', 'ahead']);
  expect(states('accepted')).toEqual(['done', 'done', 'done', 'done', 'done']);
  expect(states('redelivery', 2)).toEqual(['current', 'ahead', 'ahead', 'ahead', 'ahead']);
});

test('processing counts its files', () => {
  const [, , processing] = stepsOf({
    status: 'processing',
    round: 1,
    processing: { files: 7, done: 2, failed: 0, expectedEndAt: null },
  });
  expect(processing?.label).toContain('2');
});
