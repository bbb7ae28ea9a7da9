/** Kills either process at crash points and at random moments: deliveries end the same way, and everything happens once. */
import { randomInt } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { deliveryPoints, killAtRandom, passedBy } from './testing-kills.ts';
import { expectEverythingOnce } from './testing-ledger.ts';
import { deliverAndAccept } from '../http/testing-story.ts';
import { type RunningHub, startHub } from '../http/testing.ts';

let running: RunningHub | undefined;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

test('one delivery survives a kill at every crash point', { timeout: 300_000 }, async () => {
  const web = deliveryPoints.filter((point) => passedBy[point] === 'web');
  const worker = deliveryPoints.filter((point) => passedBy[point] === 'worker');
  running = await startHub({ crashAt: { web, worker } });
  const ledger = await deliverAndAccept(running, 'Through every point');
  expect(running.deaths).toEqual({ web: web.length, worker: worker.length });
  await expectEverythingOnce(running, ledger);
});

test('deliveries survive kills at random moments', { timeout: 300_000 }, async () => {
  running = await startHub();
  const ledgers = await killAtRandom(running, { seed: randomInt(2 ** 31), kills: 3, tellers: 2 });
  for (const ledger of ledgers) await expectEverythingOnce(running, ledger);
});
