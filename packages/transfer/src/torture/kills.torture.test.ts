// Kills the server at random moments and at crash points: acknowledged bytes are still there, and each upload ends once.
import { crashpoints } from '@turnover/core/crashpoints';
import { tortureRow } from '@turnover/core/testing/torture-row';
import { checkWhole, withScene } from '../testing/torture-scene.ts';
import { Sender, torture } from '../testing/torture.ts';
import { inject } from 'vitest';

const MiB = 1024 * 1024;

tortureRow('kills', {
  promise: 'acknowledged bytes survive kill -9, and one upload stays one upload',
  shortTrials: 4,
  longTrials: 200,
  run: (row) =>
    withScene(async (scene) => {
      const size = inject('isLong')
        ? { sizeBytes: 64 * MiB, chunkBytes: 8 * MiB }
        : { sizeBytes: 24 * MiB, chunkBytes: 3 * MiB };
      const options = { uploads: 4, kills: row.trials, random: row.random, ...size };
      const senders = await torture(
        scene.server,
        () => scene.begin(size.sizeBytes),
        scene.person.id,
        options,
      );
      await checkWhole(row, scene, senders);
      row.note(`${senders.length} uploads`);
    }),
});

const points = crashpoints.filter((point) => point.startsWith('upload.') || point.startsWith('finish.'));

tortureRow('crash-points', {
  promise: 'an upload survives a kill at each crash point, and ends once',
  shortTrials: points.length,
  longTrials: points.length * 5,
  run: async (row) => {
    for (let trial = 0; trial < row.trials; trial++) {
      const point = points[trial % points.length];
      await withScene(async (scene) => {
        await scene.server.start({ crashpoint: point });
        const sizeBytes = 5 * MiB;
        const sender = new Sender(
          scene.server,
          scene.person.id,
          await scene.begin(sizeBytes),
          sizeBytes,
          2 * MiB,
        );
        const sent = sender.sendAll();
        await scene.server.died();
        await scene.server.start();
        await sent;
        await checkWhole(row, scene, [sender]);
      });
    }
  },
});
