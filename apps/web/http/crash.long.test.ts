/** The same as crash.test.ts with many more deaths at random moments. */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { killAtRandom } from './testing-kills.ts';
import { expectEverythingOnce } from './testing-ledger.ts';
import { startHub } from './testing.ts';

test('killed two hundred times', async () => {
  const running = await startHub();
  try {
    const ledgers = await killAtRandom(running, { seed: randomInt(2 ** 31), kills: 200, tellers: 4 });
    for (const ledger of ledgers) await expectEverythingOnce(running, ledger);
    expect(running.deaths.web + running.deaths.worker).toBe(200);
  } finally {
    await running.close();
  }
});
