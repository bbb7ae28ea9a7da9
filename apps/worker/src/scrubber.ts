/** Runs the scrubber in the background: short steps with long rests, so that it takes little from uploads and stages. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '@turnover/core/context';
import type { ReadChecksum } from '@turnover/core/doctor/compare';
import { fileToScrub, scrubFile } from '@turnover/core/doctor/scrub';
import { isClockTrusted } from '@turnover/core/server/clock-trust';
import type { StorageCare } from '@turnover/core/storage-care';
import type { HashStates } from '@turnover/processing/hash';
import type { Pool } from './pool.ts';

export type Scrubber = { stop(): Promise<void> };

export type ScrubberOptions = {
  ctx: Context;
  pool: Pick<Pool, 'runHashStep'>;
  care: StorageCare;
  /** Within how many days each file is read. */
  days: number;
  /** How long to rest after a step, as a multiple of the step. */
  rest?: number;
};

const stepBytes = 64 * 1024 * 1024;
/** How long to wait when no file is due. */
const idleMs = 60_000;

export function startScrubber({ ctx, pool, care, days, rest = 3 }: ScrubberOptions): Scrubber {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Returns null when it is stopped. */
  const readChecksum: ReadChecksum = async ({ path, sizeBytes }, algorithm) => {
    let states: HashStates | null = null;
    for (let from = 0; ; from += stepBytes) {
      const startedAt = performance.now();
      const to = Math.min(from + stepBytes, sizeBytes);
      const step = await pool.runHashStep({ path, from, to, algorithms: [algorithm], states });
      if (to === sizeBytes) return step.values[algorithm]!;
      states = step.states;
      await pause((performance.now() - startedAt) * rest);
      if (signal.aborted) return null;
    }
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now();
      const file = isClockTrusted(ctx) ? fileToScrub(ctx, days) : undefined;
      if (file) await scrubFile(ctx, care, file, readChecksum);
      await pause(file ? (performance.now() - startedAt) * rest : idleMs);
    }
  }

  async function runAgain(): Promise<void> {
    while (!signal.aborted) {
      try {
        await run();
      } catch (error) {
        if (!signal.aborted) ctx.log('error', 'scrubber.failed', { message: String(error) });
        await pause(idleMs);
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal }).catch(() => undefined);
  }

  const running = runAgain();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
