import { expect, test } from 'vitest';
import { Speed } from './speed.ts';

test('returns nothing until there is something to measure', () => {
  const speed = new Speed();
  speed.sample(0, 0);
  expect(speed.bytesPerSecond).toBeNull();
  expect(speed.timeLeftMs(100)).toBeNull();
});

test('a steady flow is measured at its own speed', () => {
  const speed = new Speed();
  for (let second = 0; second <= 10; second++) speed.sample(second * 1_000_000, second * 1000);
  expect(speed.bytesPerSecond).toBeCloseTo(1_000_000);
  expect(speed.timeLeftMs(5_000_000)).toBeCloseTo(5000);
});

test('a short burst hardly changes the speed, but a lasting change does', () => {
  const speed = new Speed();
  for (let second = 0; second <= 10; second++) speed.sample(second * 1000, second * 1000);
  speed.sample(10_000 + 10_000, 10_500);
  expect(speed.bytesPerSecond).toBeLessThan(3500);
  for (let second = 1; second <= 30; second++) speed.sample(20_000 + second * 9000, 10_500 + second * 1000);
  expect(speed.bytesPerSecond).toBeGreaterThan(8500);
});

test('ignores samples that are too close together or go backwards', () => {
  const speed = new Speed();
  speed.sample(0, 0);
  speed.sample(1000, 1000);
  speed.sample(900_000, 1001);
  expect(speed.bytesPerSecond).toBeCloseTo(1000);
  speed.sample(500, 2000);
  expect(speed.bytesPerSecond).toBeCloseTo(1000);
});

test('ignores everything before a pause', () => {
  const speed = new Speed();
  speed.sample(0, 0);
  speed.sample(1000, 1000);
  speed.reset();
  expect(speed.bytesPerSecond).toBeNull();
});
