import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samplesOf } from './upload-samples.ts';

test('a short file is compared as a whole', () => {
  expect(samplesOf(0)).toEqual([]);
  expect(samplesOf(1)).toEqual([{ from: 0, to: 1 }]);
  expect(samplesOf(1_048_576)).toEqual([{ from: 0, to: 1_048_576 }]);
});

test('reads at most 1 MiB of a file of any size, in order, including the first and the last byte', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      const parts = samplesOf(bytes);
      expect(parts[0]!.from).toBe(0);
      expect(parts.at(-1)!.to).toBe(bytes);
      expect(parts.reduce((sum, { from, to }) => sum + (to - from), 0)).toBeLessThanOrEqual(1_048_576);
      for (const [index, { from, to }] of parts.entries()) {
        expect(to).toBeGreaterThan(from);
        expect(Number.isSafeInteger(from)).toBe(true);
        if (index > 0) expect(from).toBeGreaterThanOrEqual(parts[index - 1]!.to);
      }
    }),
  );
});
