/** Kills either process at crash points and at random moments: deliveries end the same way, and everything happens once. */
import { afterEach, expect, inject, test } from 'vitest';
import { tortureRow } from '@turnover/core/testing/torture-row';
import { deliveryPoints, killAtRandom, passedBy } from './testing-kills.ts';
import { expectEverythingOnce } from './testing-ledger.ts';
import { deliverAndAccept } from '../http/testing-story.ts';
import { type RunningHub, startHub } from '../http/testing.ts';

let running: RunningHub | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

test('one delivery survives a kill at every crash point', { timeout: 15 * 60_000 }, async () => {
  const web = deliveryPoints.filter((point) => passedBy[point] === 'web');
  const worker = deliveryPoints.filter((point) => passedBy[point] === 'worker');
  running = await startHub({ crashAt: { web, worker } });
  const ledger = await deliverAndAccept(running, 'Through every point');
  expect(running.deaths).toEqual({ web: web.length, worker: worker.length });
  await expectEverythingOnce(running, ledger);
});

tortureRow('delivery-kills', {
  promise: 'deliveries survive kills of either process at random moments, and everything happens once',
  shortTrials: 3,
  longTrials: 200,
  run: async ({ trials, random, note }) => {
    running = await startHub();
    const tellers = inject('isLong') ? 4 : 2;
    const ledgers = await killAtRandom(running, { random, kills: trials, tellers });
    for (const ledger of ledgers) await expectEverythingOnce(running, ledger);
    expect(running.deaths.web + running.deaths.worker).toBe(trials);
    note(`${ledgers.length} deliveries`);
  },
});
