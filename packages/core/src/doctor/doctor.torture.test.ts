import { damageScene, flipBit, readChecksum } from '../testing/damages.ts';
import { tortureRow } from '../testing/torture-row.ts';
import { dayMs } from '@turnover/domain/days';
import { damages } from '@turnover/db/schema/damages';
import { examine } from './examine.ts';
import { fileToScrub, scrubFile } from './scrub.ts';

tortureRow('doctor', {
  promise: 'every planted damage is found under its kind, with no false alarm among clean files',
  shortTrials: 2,
  longTrials: 30,
  async run({ trials, lose, note }) {
    const scene = await damageScene();
    try {
      const clean = (trials * 100) / 3;
      for (let number = 0; number < clean; number++) await scene.store(`clean-${number}.mov`);
      const planted = new Set<string>();
      for (let trial = 0; trial < trials; trial++)
        for (const { kind, plant } of scene.plants)
          planted.add(`${kind} ${await plant(`${kind}-${trial}.mov`)}`);
      scene.hub.clock.now = Date.now() + dayMs;
      const found = await examine(scene.hub.ctx, scene.care, { checksDatabase: true, readChecksum });
      const names = new Set(found.damages.map(({ kind, subject }) => `${kind} ${subject}`));
      for (const name of planted) if (!names.has(name)) lose(`not found: ${name}`);
      for (const name of names) if (!planted.has(name)) lose(`false alarm: ${name}`);
      note(`${planted.size} damages of ${scene.plants.length} kinds among ${found.files} stored files`);
    } finally {
      scene.hub.close();
    }
  },
});

tortureRow('scrub', {
  promise: 'one pass of the scrubber finds every flipped bit, and reports no other file',
  shortTrials: 5,
  longTrials: 100,
  async run({ trials, between, lose, note }) {
    const scene = await damageScene();
    try {
      const stored: string[] = [];
      for (let number = 0; number < trials * 10; number++)
        stored.push(await scene.store(`film-${number}.mov`, `content ${number} `.repeat(between(1, 200))));
      const flipped = new Set<string>();
      while (flipped.size < trials) flipped.add(stored[between(0, stored.length - 1)]!);
      for (const id of flipped) flipBit(scene.care.assetPath(id));
      scene.hub.clock.advance(30 * dayMs);
      let read = 0;
      for (let file = fileToScrub(scene.hub.ctx, 30); file; file = fileToScrub(scene.hub.ctx, 30)) {
        await scrubFile(scene.hub.ctx, scene.care, file, readChecksum);
        read += 1;
      }
      if (read !== stored.length) lose(`${read} of ${stored.length} files were read`);
      const found = new Set(
        scene.hub.db
          .select()
          .from(damages)
          .all()
          .map(({ subject }) => subject),
      );
      for (const id of flipped) if (!found.has(id)) lose(`not found: ${id}`);
      for (const id of found) if (!flipped.has(id)) lose(`false alarm: ${id}`);
      note(`${flipped.size} flipped bits among ${stored.length} files`);
    } finally {
      scene.hub.close();
    }
  },
});
