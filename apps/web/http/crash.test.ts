/** kill -9 of either process at named points and at random moments: the story goes on to the same end, everything once. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashpoints, type Crashpoint } from '@turnover/core/crashpoints';
import { killAtRandom } from './testing-kills.ts';
import { expectEverythingOnce } from './testing-ledger.ts';
import { deliverAndAccept } from './testing-story.ts';
import { type ProcessName, type RunningHub, startHub } from './testing.ts';

const passedBy: Record<Crashpoint, ProcessName> = {
  'upload.afterSync': 'web',
  'upload.afterOffset': 'web',
  'finish.beforeCommit': 'web',
  'finish.afterCommit': 'web',
  'publish.beforeLink': 'worker',
  'publish.afterLink': 'worker',
  'publish.afterCommit': 'worker',
  'submit.afterCommit': 'web',
  'job.afterClaim': 'worker',
  'round.beforeCommit': 'worker',
  'stage.afterRun': 'worker',
  'stage.afterCommit': 'worker',
};
let running: RunningHub;

beforeAll(async () => {
  running = await startHub();
}, 60_000);

afterAll(() => running.close());

test.each(crashpoints)('killed at %s', { timeout: 60_000 }, async (point) => {
  const name = passedBy[point];
  const before = { ...running.deaths };
  await running.restart(name, point);
  const ledger = await deliverAndAccept(running, `Killed at ${point}`);
  expect(running.deaths).toEqual({ ...before, [name]: before[name] + 1 });
  await expectEverythingOnce(running, ledger);
});

test('killed at random moments', { timeout: 120_000 }, async () => {
  const ledgers = await killAtRandom(running, { seed: randomInt(2 ** 31), kills: 8, tellers: 3 });
  for (const ledger of ledgers) await expectEverythingOnce(running, ledger);
});
