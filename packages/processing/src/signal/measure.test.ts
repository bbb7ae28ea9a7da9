import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitsFor, noLimits, type SignalLimits } from '@turnover/domain/media/signal-limits';
import { chunk, fmt, riff } from '../inspect/testing/waves.ts';
import { measureSound } from './measure.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-signal-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** One second of a sine at half scale, with 24 bits on each channel. */
function samples(channels: number): Buffer {
  const bytes = Buffer.alloc(48_000 * channels * 3);
  for (let frame = 0; frame < 48_000; frame += 1) {
    const value = Math.round(4_194_304 * Math.sin((2 * Math.PI * 1000 * frame) / 48_000));
    for (let channel = 0; channel < channels; channel += 1) {
      bytes.writeIntLE(value, (frame * channels + channel) * 3, 3);
    }
  }
  return bytes;
}

function measure(content: Buffer, io: { abort?: boolean; limits?: Partial<SignalLimits> } = {}) {
  const path = join(folder, 'sound.wav');
  writeFileSync(path, content);
  const cancel = new AbortController();
  if (io.abort) cancel.abort(new Error('Cancelled.'));
  const limits = limitsFor({ ...noLimits, ...io.limits });
  return measureSound(path, { signal: cancel.signal, progress: () => undefined }, limits);
}

test('measures a file', async () => {
  const measured = await measure(riff([fmt({ channels: 1 }), chunk('data', samples(1))]));
  expect(measured!.samplePeak).toBeCloseTo(-6.02, 1);
  expect(measured!.truePeak).toBeCloseTo(-6.02, 1);
  expect(measured!.loudness.integrated).toBeCloseTo(-9.0, 0);
  expect(measured!.problems).toEqual([]);
});

test('judges the true peak by the limit of the type, as it is shown', async () => {
  const sound = riff([fmt({ channels: 1 }), chunk('data', samples(1))]);
  const problems = async (truePeakDbtp: number) =>
    (await measure(sound, { limits: { truePeakDbtp } }))!.problems;
  expect(await problems(-6)).toEqual([]);
  expect(await problems(-9)).toEqual([{ code: 'true_peak_high', measured: '-6.0 dBTP', wanted: '-9 dBTP' }]);
});

test('measures the existing part of a file that ends too early', async () => {
  const whole = riff([fmt({ channels: 2 }), chunk('data', samples(2))]);
  const measured = await measure(whole.subarray(0, whole.length - 1001));
  expect(measured!.samplePeak).toBeCloseTo(-6.02, 1);
});

test.each([
  ['no wave', Buffer.from('ffconcat version 1.0\nfile /etc/passwd\n')],
  ['nothing', Buffer.alloc(0)],
  ['no sound chunk', riff([fmt()])],
  ['a compressed format', riff([fmt({ tag: 0x55 }), chunk('data', Buffer.alloc(100))])],
  ['no channels', riff([fmt({ channels: 0 }), chunk('data', Buffer.alloc(100))])],
])('does not measure %s', async (_, content) => {
  expect(await measure(content)).toBeNull();
});

test('measures an empty sound chunk as silence', async () => {
  const measured = await measure(riff([fmt(), chunk('data', Buffer.alloc(0))]));
  expect(measured).toMatchObject({ samplePeak: null, truePeak: null, problems: [] });
});

test('stops when it is cancelled', async () => {
  const long = Buffer.concat(Array.from({ length: 40 }, () => samples(1)));
  await expect(measure(riff([fmt({ channels: 1 }), chunk('data', long)]), { abort: true })).rejects.toThrow(
    'Cancelled.',
  );
});
