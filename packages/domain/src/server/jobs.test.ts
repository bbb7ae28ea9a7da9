import { expect, test } from 'vitest';
import fc from 'fast-check';
import { backOffMs, heartbeatMs, jobKinds, jobs } from './jobs.ts';

test('the waiting time is random below a maximum that doubles up to five minutes', () => {
  expect([1, 2, 3, 4, 20].map((claims) => backOffMs(claims, 0.5))).toEqual([500, 1000, 2000, 4000, 150_000]);
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (claims, random) => {
        const wait = backOffMs(claims, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(5 * 60_000);
      },
    ),
  );
  expect(backOffMs(5, 0)).toBe(0);
});

test.each(jobKinds)('a lease of %s outlasts missed heartbeats', (kind) => {
  expect(jobs[kind].leaseMs).toBeGreaterThan(3 * heartbeatMs);
  expect(jobs[kind].maxClaims).toBeGreaterThan(1);
});
