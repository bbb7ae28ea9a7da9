import { expect, test } from 'vitest';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { stepsOf } from './steps.ts';

const states = (status: RequestStatus, round = 1) => stepsOf({ status, round }).map(({ state }) => state);

test('marks earlier steps as done and later ones as ahead', () => {
  expect(states('open')).toEqual(['current', 'ahead', 'ahead', 'ahead', 'ahead']);
  expect(states('processing')).toEqual(['done', 'done', 'current', 'ahead', 'ahead']);
  expect(states('accepted')).toEqual(['done', 'done', 'done', 'done', 'done']);
  expect(states('redelivery', 2)).toEqual(['current', 'ahead', 'ahead', 'ahead', 'ahead']);
  expect(states('cancelled')).toEqual(['done', 'current']);
});

test('starts later rounds in redelivery', () => {
  expect(stepsOf({ status: 'processing', round: 2 })[0]?.status).toBe('redelivery');
});
