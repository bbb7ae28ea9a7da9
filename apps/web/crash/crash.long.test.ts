/** The long version of crash.test.ts: each crash point alone, and many more kills at random moments. */
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

test.each(deliveryPoints)('killed at %s', async (point) => {
  const name = passedBy[point];
  running = await startHub({ crashAt: { [name]: [point] } });
  const ledger = await deliverAndAccept(running, `Killed at ${point}`);
  expect(running.deaths).toEqual({ web: 0, worker: 0, [name]: 1 });
  await expectEverythingOnce(running, ledger);
});

test('deliveries survive two hundred kills at random moments', async () => {
  running = await startHub();
  const ledgers = await killAtRandom(running, { seed: randomInt(2 ** 31), kills: 200, tellers: 4 });
  for (const ledger of ledgers) await expectEverythingOnce(running, ledger);
  expect(running.deaths.web + running.deaths.worker).toBe(200);
});
