import { describe, expect, test } from 'vitest';
import { defaultPace, PaceGuard } from './guards.ts';

describe('PaceGuard', () => {
  test('disconnects a silent sender after the limit, not before', () => {
    const guard = new PaceGuard(defaultPace, 0);
    guard.count(1_000_000, 1000);
    expect(guard.check(60_999)).toBeNull();
    expect(guard.check(61_000)).toBe('silent');
  });

  test('disconnects a sender that is too slow', () => {
    const guard = new PaceGuard(defaultPace, 0);
    for (let second = 1; second < 30; second++) {
      guard.count(1, second * 1000);
      expect(guard.check(second * 1000)).toBeNull();
    }
    expect(guard.check(30_000)).toBe('too-slow');
  });

  test('keeps a sender at exactly the minimum, window after window', () => {
    const guard = new PaceGuard(defaultPace, 0);
    for (let second = 1; second <= 120; second++) {
      guard.count(1024, second * 1000);
      expect(guard.check(second * 1000)).toBeNull();
    }
  });

  test('does not count the time the hub did not read', () => {
    const guard = new PaceGuard(defaultPace, 0);
    guard.pause();
    expect(guard.check(500_000)).toBeNull();
    guard.resume(500_000);
    expect(guard.check(529_000)).toBeNull();
    expect(guard.check(560_000)).toBe('silent');
  });
});
