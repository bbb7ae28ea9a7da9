import { open } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { CrcReader } from '@turnover/core/archives/crcs';
import { planArchive } from '@turnover/core/archives/plan';
import type { Context } from '@turnover/core/context';
import { ArchiveSource } from './archive-source.ts';

/** Files of one byte each, whose CRC nobody knows. */
const files = Array.from({ length: 40 }, (_, index) => ({
  path: `${index}.txt`,
  fileId: `ent_${index}`,
  assetId: `ast_${index}`,
  sizeBytes: 1,
  at: 0,
  state: 'stored' as const,
  crc: null,
}));

describe('a source that is closed while it reads', () => {
  test('computes no other CRC', async () => {
    const plan = await planArchive({ name: 'reel', files, tag: 'tag' });
    const asked: string[] = [];
    const crcs = {
      async of(assetId: string) {
        asked.push(assetId);
        await source.close();
        return 0;
      },
    };
    const source = new ArchiveSource({} as Context, plan, crcs as unknown as CrcReader);
    const directory = Buffer.alloc(plan.directory.sizeBytes);
    await expect(source.read(directory, plan.directory.offset)).rejects.toThrow('closed');
    expect(asked).toEqual(['ast_0']);
  });

  test('opens no other file', async () => {
    const plan = await planArchive({ name: 'reel', files, tag: 'tag' });
    let opened = 0;
    const openAsset = async () => {
      if (opened++ === 0) await source.close();
      return open(import.meta.filename);
    };
    const ctx = { storage: { openAsset } } as unknown as Context;
    const source = new ArchiveSource(ctx, plan, {} as CrcReader);
    await expect(source.read(Buffer.alloc(plan.sizeBytes), 0)).rejects.toThrow('closed');
    expect(opened).toBeLessThan(files.length);
  });
});
