import { describe, expect, test } from 'vitest';
import { defaultPace, PaceGuard, ReceiveBudget } from './guards.ts';

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

describe('ReceiveBudget', () => {
  test('wakes waiters as soon as there is room, except those that stopped waiting', () => {
    const budget = new ReceiveBudget(10);
    const woken: string[] = [];
    const first = (): void => void woken.push('first');
    const second = (): void => void woken.push('second');
    budget.take(12);
    expect(budget.isSpent).toBe(true);
    budget.wait(first);
    budget.wait(second);
    budget.give(2);
    expect(woken).toEqual([]);
    budget.stopWaiting(second);
    budget.give(1);
    expect(woken).toEqual(['first']);
    expect(budget.isSpent).toBe(false);
  });
});
