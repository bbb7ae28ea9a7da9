// Links that go silent and senders that hold on: they cost the hub nothing for long, and every byte that came is kept.
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { randomFillSync } from 'node:crypto';
import { expect } from 'vitest';
import { tortureRow } from '@turnover/core/testing/torture-row';
import { defaultPace } from '../guards.ts';
import { startSending } from '../testing/sending.ts';
import { startWire } from '../testing/wire.ts';

const KiB = 1024;
const patience = { timeout: 60_000, interval: 100 };
const openFiles = () => readdirSync('/proc/self/fd').length;

tortureRow('half-open-links', {
  promise: 'a link that dies without a word costs no socket, file or lock for long, and keeps the bytes',
  shortTrials: 5,
  longTrials: 50,
  run: async (row) => {
    const sending = await startSending({ pace: { ...defaultPace, inactivityMs: 1500, checkEveryMs: 100 } });
    const wire = await startWire(sending.port);
    try {
      const bytes = randomFillSync(Buffer.alloc(3 * 1024 * KiB));
      const half = bytes.length / 2;
      const paths = await Promise.all(Array.from({ length: row.trials }, () => sending.begin(bytes.length)));
      const filesBefore = openFiles();
      const running = paths.map((path) =>
        sending.open(path, bytes.length, bytes.subarray(0, half), wire.port),
      );
      for (const path of paths) {
        await expect.poll(() => sizeOf(sending.hub, sending.idOf(path)), patience).toBe(half);
      }
      wire.cut();
      await expect.poll(() => sending.connections(), patience).toBe(0);
      for (const path of paths) {
        const offset = await sending.offsetOf(path);
        if (offset !== half) row.lose(`${path} kept ${offset} of ${half}`);
        const { status } = await sending.patch(path, offset, bytes.subarray(offset));
        if (status !== 204) row.lose(`${path} could not go on: ${status}`);
      }
      for (const { request } of running) request.destroy();
      await wire.close();
      await expect.poll(openFiles, patience).toBeLessThanOrEqual(filesBefore);
    } finally {
      await wire.close();
      await sending.close();
    }
  },
});

function sizeOf({ db }: Awaited<ReturnType<typeof startSending>>['hub'], id: string): number {
  return db.$client.prepare('select durable_offset from uploads where id = ?').pluck().get(id) as number;
}

tortureRow('slow-senders', {
  promise: 'hundreds of senders that drip are ended, keep their bytes, and stop no other upload',
  shortTrials: 20,
  longTrials: 400,
  run: async (row) => {
    const pace = { inactivityMs: 60_000, rateWindowMs: 2000, minimumBytesPerSecond: 1024, checkEveryMs: 100 };
    const sending = await startSending({ pace });
    try {
      const paths = await Promise.all(Array.from({ length: row.trials }, () => sending.begin(KiB * KiB)));
      const drips = paths.map((path) => sending.open(path, KiB * KiB, Buffer.from('a')));
      const timer = setInterval(() => {
        for (const { request } of drips) if (!request.destroyed) request.write('a');
      }, 250);
      const bytes = randomFillSync(Buffer.alloc(32 * KiB * KiB));
      const honest = await sending.begin(bytes.length);
      const { status } = await sending.patch(honest, 0, bytes);
      if (status !== 204) row.lose(`the upload of somebody else ended with ${status}`);
      await Promise.all(drips.map(({ status: ended }) => ended));
      clearInterval(timer);
      await expect.poll(() => sending.connections(), patience).toBe(0);
      for (const path of paths) {
        const offset = await sending.offsetOf(path);
        if (!(offset >= 1)) row.lose(`${path} kept ${offset}`);
      }
    } finally {
      await sending.close();
    }
  },
});

tortureRow('finish-storms', {
  promise: 'an upload finishes once, however many clients ask for its end at once',
  shortTrials: 2,
  longTrials: 20,
  run: async (row) => {
    const sending = await startSending();
    const counts = ['assets', 'entries', 'events'].map((table) =>
      sending.hub.db.$client.prepare(`select count(*) from ${table}`).pluck(),
    );
    const count = () => counts.map((each) => each.get() as number);
    try {
      const calm = await grownBy(1);
      for (let trial = 0; trial < row.trials; trial++) {
        const storm = await grownBy(100);
        if (String(storm) !== String(calm)) row.lose(`${storm} rows instead of ${calm}`);
      }
    } finally {
      await sending.close();
    }

    /** How many assets, entries and events come with one upload whose end is asked for this many times. */
    async function grownBy(clients: number): Promise<number[]> {
      const before = count();
      const path = await sending.begin(5);
      await sending.patch(path, 0, Buffer.from('hello'));
      // Each client tries to send the last byte or asks whether it came.
      const answers = await Promise.all(
        Array.from({ length: clients }, () => sending.patch(path, 5, Buffer.alloc(0))),
      );
      const refused = answers.filter(({ status }) => status !== 204);
      if (refused.length > 0) row.lose(`${refused.length} answers: ${refused[0]!.status}`);
      await wait(0);
      return count().map((now, index) => now - before[index]!);
    }
  },
});
