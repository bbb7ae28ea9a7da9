import { bundleLimits } from '@turnover/domain/workspace/bundles';
import { expect, test } from 'vitest';
import { bundleOf, fewestInBundle } from './bundle-plan.ts';

const kB = 1000;
const file = (size: number, filename = 'a.jpg') => ({
  file: { size } as File,
  bundleHead: { filename },
});
const many = (count: number, size: number) => Array.from({ length: count }, () => file(size));
const fits = (waiting: ReturnType<typeof many>, maxBodyBytes = Infinity) =>
  bundleOf(waiting, bundleLimits, maxBodyBytes).length;

test('takes as many files as the hub allows', () => {
  expect(fits(many(1000, 1))).toBe(bundleLimits.files);
  expect(fits(many(1000, 0))).toBe(bundleLimits.files);
});

test('takes no more bytes than the hub allows, or than a proxy lets through, lines included', () => {
  const waiting = many(300, 100 * kB);
  const lineBytes = JSON.stringify({ filename: 'a.jpg', sizeBytes: 100 * kB }).length + 1;
  expect(fits(waiting)).toBe(Math.floor(bundleLimits.bytes / (100 * kB + lineBytes)));
  expect(fits(waiting, 10 * (100 * kB + lineBytes))).toBe(10);
  expect(fits(waiting, 10 * (100 * kB + lineBytes) - 1)).toBe(9);
});

test('counts the bytes of a line, not its characters', () => {
  const waiting = Array.from({ length: 10 }, () => file(0, '映'.repeat(100)));
  expect(fits(waiting, 10 * 200)).toBe(0);
  expect(fits(waiting, 10 * 400)).toBe(10);
});

test('leaves files alone when too few are small', () => {
  expect(fits(many(fewestInBundle - 1, 1))).toBe(0);
  expect(fits(many(fewestInBundle, 1))).toBe(fewestInBundle);
  expect(fits(many(100, bundleLimits.fileBytes + 1))).toBe(0);
});

test('passes over files that are too large, and keeps the order of the others', () => {
  const small = Array.from({ length: fewestInBundle }, (_, index) => file(index));
  const waiting = small.flatMap((each) => [file(bundleLimits.fileBytes + 1), each]);
  expect(bundleOf(waiting, bundleLimits, Infinity)).toEqual(small);
});
