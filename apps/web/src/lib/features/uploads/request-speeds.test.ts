import { expect, test } from 'vitest';
import { RequestSpeeds } from './request-speeds.ts';

const item = (requestId: string | null, status: string, sentBytes: number) => ({
  target: { requestId },
  status,
  sentBytes,
});

test('adds up all files of a request, also those that a bundle sends one after the other', () => {
  const speeds = new RequestSpeeds();
  speeds.sample([item('a', 'sending', 0), item('a', 'sending', 0), item('b', 'sending', 500)], 0);
  expect(speeds.bytesPerSecond('a')).toBeNull();
  speeds.sample([item('a', 'sending', 1000), item('a', 'sending', 0), item('b', 'sending', 500)], 500);
  expect(speeds.bytesPerSecond('a')).toBe(2000);
  expect(speeds.bytesPerSecond('b')).toBe(0);
  // The first file is received, and the second continues at the same speed.
  speeds.sample([item('a', 'verifying', 1000), item('a', 'sending', 1000), item(null, 'sending', 9)], 1000);
  expect(speeds.bytesPerSecond('a')).toBeCloseTo(2000);
});

test('keeps its value when finished files leave the tray, and forgets it when nothing is sent', () => {
  const speeds = new RequestSpeeds();
  speeds.sample([item('a', 'sending', 0)], 0);
  speeds.sample([item('a', 'done', 1000), item('a', 'sending', 0)], 500);
  speeds.sample([item('a', 'sending', 100)], 700);
  expect(speeds.bytesPerSecond('a')).toBe(2000);
  speeds.sample([item('a', 'paused', 100)], 900);
  expect(speeds.bytesPerSecond('a')).toBeNull();
});
