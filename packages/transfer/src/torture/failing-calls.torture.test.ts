// Makes writes and syncs of the server fail: those of the upload's file and those of the database.
import { setTimeout as wait } from 'node:timers/promises';
import { tortureRow } from '@turnover/core/testing/torture-row';
import { failCalls, whyNoFailingCalls, type FailingCall } from '../testing/failing-calls.ts';
import { checkWhole, withScene } from '../testing/torture-scene.ts';
import { Sender } from '../testing/torture.ts';

const MiB = 1024 * 1024;
const sizeBytes = 6 * MiB;
const chunkBytes = 2 * MiB;
const names = ['fdatasync', 'pwrite64'] as const;
const errors = ['EIO', 'ENOSPC'] as const;
/** How long the sender tries before the server starts anew. */
const maxBrokenMs = 3000;

tortureRow('failing-calls', {
  promise: 'a write or sync that fails is not acknowledged, and the upload ends whole',
  shortTrials: 4,
  longTrials: 64,
  skip: whyNoFailingCalls(),
  run: async (row) => {
    let failed = 0;
    for (let trial = 0; trial < row.trials; trial++) {
      const kinds = names.flatMap((name) => errors.map((error) => ({ name, error })));
      const call: FailingCall = { ...kinds[trial % kinds.length]!, nth: row.between(1, 8) };
      await withScene(async (scene) => {
        const { server, person } = scene;
        await server.start();
        const sender = new Sender(server, person.id, await scene.begin(sizeBytes), sizeBytes, chunkBytes);
        const fault = await failCalls(server.pid!, call);
        const sent = sender.sendAll();
        try {
          await Promise.race([sent, wait(maxBrokenMs)]);
        } finally {
          failed += await fault.end();
        }
        await server.kill();
        await server.start();
        await sent;
        await checkWhole(row, scene, [sender]);
      });
    }
    if (failed === 0) row.lose('no call failed, so nothing was tried');
    row.note(`${failed} calls failed`);
  },
});
