import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { encodeMs, estimatedRunSeconds, laneOf, planEncode, slotsPerLane } from './encode-model.ts';
import { mediaKinds } from './media-kinds.ts';

const hourOfPicture = { mediaKind: 'picture', sizeBytes: 3600 * 22e6, seed: 'one' } as const;

describe('the time of a file', () => {
  test('is about two and a half hours for three hours of picture, as in the public report', () => {
    const run = { ...hourOfPicture, sizeBytes: 3 * hourOfPicture.sizeBytes };
    expect(estimatedRunSeconds(run)).toBe(3 * 3600);
    const hours = encodeMs([run], 1) / 3600_000;
    expect(hours).toBeGreaterThan(2.5 * 0.85);
    expect(hours).toBeLessThan(2.5 * 1.15);
  });

  test('is the same on every machine, and differs from file to file', () => {
    expect(encodeMs([hourOfPicture], 1)).toBe(encodeMs([{ ...hourOfPicture }], 1));
    expect(encodeMs([{ ...hourOfPicture, seed: 'two' }], 1)).not.toBe(encodeMs([hourOfPicture], 1));
  });

  test('shrinks with the speed, down to a quarter of a second', () => {
    expect(encodeMs([hourOfPicture], 60)).toBeCloseTo(encodeMs([hourOfPicture], 1) / 60, -1);
    expect(encodeMs([hourOfPicture], 1e9)).toBe(250);
  });

  test('counts the packaging of frames once', () => {
    const frames = Array.from({ length: 32 }, (_, number) => ({
      mediaKind: 'frame' as const,
      sizeBytes: 8e6,
      seed: String(number),
    }));
    const alone = frames.reduce((sum, frame) => sum + encodeMs([frame], 1), 0);
    expect(alone).toBeGreaterThan(32 * 2050 * 0.85);
    expect(encodeMs(frames, 1)).toBeLessThan((2000 + 32 * 50) * 1.15);
    expect(encodeMs(frames, 1)).toBeGreaterThan((2000 + 32 * 50) * 0.85);
  });

  test('is a finite number of milliseconds for every kind, size and seed', () => {
    const task = fc.record({
      mediaKind: fc.constantFrom(...mediaKinds),
      sizeBytes: fc.nat(Number.MAX_SAFE_INTEGER),
      seed: fc.string(),
    });
    fc.assert(
      fc.property(task, (any) => {
        const ms = encodeMs([any], 60);
        expect(Number.isSafeInteger(ms)).toBe(true);
        expect(ms).toBeGreaterThanOrEqual(250);
      }),
    );
  });
});

describe('a plan', () => {
  test('starts now where a slot is free, and takes the first free slot', () => {
    expect(planEncode([hourOfPicture], 100, [0, 0], 1)).toMatchObject({
      lane: 'heavy',
      slot: 0,
      startAt: 100,
    });
    expect(planEncode([hourOfPicture], 100, [500, 50], 1)).toMatchObject({ slot: 1, startAt: 100 });
    expect(planEncode([hourOfPicture], 100, [500, 900], 1)).toMatchObject({ slot: 0, startAt: 500 });
  });

  test('ends after its time', () => {
    const plan = planEncode([hourOfPicture], 100, [500, 900], 60);
    expect(plan.endAt - plan.startAt).toBe(encodeMs([hourOfPicture], 60));
  });
});

test('subtitles do not wait behind pictures', () => {
  expect(laneOf('timed_text')).not.toBe(laneOf('picture'));
  expect(Object.values(slotsPerLane).every((slots) => slots > 0)).toBe(true);
});
