/** Each crash point alone. */
import { afterEach, expect, test } from 'vitest';
import { deliveryPoints, passedBy } from './testing-kills.ts';
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
