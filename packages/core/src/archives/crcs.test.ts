import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { shareScene } from '../testing/shares.ts';
import { CrcReader } from './crcs.ts';
import { maxWithCrcFirst } from './plan.ts';

test('a small file does not wait for a large one, and large files are read one after another', async () => {
  const { hub, createAsset } = await shareScene();
  const assetId = createAsset('x');
  writeFileSync(hub.storage.vaultPath(assetId), 'reel');
  const opened: string[] = [];
  const { openAsset } = hub.storage;
  const storage = {
    ...hub.storage,
    openAsset(id: string) {
      opened.push(id);
      return id === assetId ? openAsset(id) : new Promise<never>(() => undefined);
    },
  };
  const crcs = new CrcReader({ ...hub.ctx, storage });
  for (const large of ['ast_large', 'ast_next']) void crcs.of(large, maxWithCrcFirst + 1);
  expect(await crcs.of(assetId, 4)).toBe(crc32('reel'));
  expect(opened).toEqual(['ast_large', assetId]);
  hub.close();
});
