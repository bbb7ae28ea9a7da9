import { expect, test } from 'vitest';
import { SendMemory, sendMemoryBytes } from './send-memory.ts';

const MiB = 1024 * 1024;
const large = 10_000 * MiB;
const bytesOf = ({ buffers }: { buffers: Buffer[] }) => buffers.reduce((sum, each) => sum + each.length, 0);

test('lends three large buffers to a download that runs alone', () => {
  expect(new SendMemory().lend(large).buffers.map(({ length }) => length)).toEqual([
    2 * MiB,
    2 * MiB,
    2 * MiB,
  ]);
});

test('stays near its bound, however many downloads run, and each of them gets buffers', () => {
  const memory = new SendMemory();
  const lent = Array.from({ length: 64 }, () => memory.lend(large));
  expect(lent.reduce((sum, each) => sum + bytesOf(each), 0)).toBe(memory.lentBytes);
  expect(memory.lentBytes).toBeLessThan(sendMemoryBytes + 12 * MiB);
  for (const { buffers } of lent)
    expect(buffers.map(({ length }) => length >= 65_536)).toEqual([true, true, true]);
  for (const { giveBack } of lent) giveBack();
  expect(memory.lentBytes).toBe(0);
  expect(bytesOf(memory.lend(large))).toBe(6 * MiB);
});

test('lends no more than the file needs', () => {
  const lengthsFor = (bytes: number) => new SendMemory().lend(bytes).buffers.map(({ length }) => length);
  expect(lengthsFor(1000)).toEqual([1000]);
  expect(lengthsFor(3 * MiB)).toEqual([2 * MiB, 2 * MiB]);
  expect(lengthsFor(0)).toEqual([]);
});
