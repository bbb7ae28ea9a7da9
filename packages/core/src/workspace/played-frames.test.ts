import { afterEach, beforeEach, expect, test } from 'vitest';
import { entries } from '@turnover/db/schema/entries';
import { eq } from 'drizzle-orm';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { frameFilesOfEntry, framesOfEntry } from '../entries/played-frames.ts';
import { revokeShare } from '../shares/revoke.ts';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.hub.close());

const framesFor = (ctx: PersonContext, id: string) => framesOfEntry(ctx, loadEntry(ctx.db, ctx, id));
const numbersFor = (ctx: PersonContext, id: string, from: number, count: number) =>
  frameFilesOfEntry(ctx, loadEntry(ctx.db, ctx, id), { from, count })?.map(({ frame }) => frame);

function sequence(): string {
  for (const number of ['1001', '1002', '1003', '1005', '01005']) scene.file(`shot.${number}.exr`);
  return scene.hub.db.select().from(entries).where(eq(entries.kind, 'sequence')).get()!.id;
}

test('returns the frames with their gaps to the owner, one file for each number', () => {
  const id = sequence();
  const view = framesFor(scene.owner, id)!;
  expect(view).toMatchObject({
    frames: { first: 1001, last: 1005, count: 4, step: 1, missing: 1, duplicates: 1, gaps: [[1004, 1004]] },
    firstFile: { frame: 1001, name: 'shot.1001.exr' },
    mayShowOriginals: true,
  });
  expect(view.files.map(({ name }) => name)).toEqual([
    'shot.1001.exr',
    'shot.1002.exr',
    'shot.1003.exr',
    'shot.01005.exr',
  ]);
  expect(numbersFor(scene.owner, id, 1002, 2)).toEqual([1002, 1003]);
});

test('returns the frames to a grantee until the share ends', async () => {
  const { hub, cora, owner } = scene;
  const id = sequence();
  const share = scene.share(id, cora);
  expect(framesFor(hub.as(cora), id)).toMatchObject({ frames: { count: 4 } });
  revokeShare(owner, share.id);
  expect((await refusalOf(() => framesFor(hub.as(cora), id))).code).toBe('not_found');
});

test('returns null for a folder and for a single file', () => {
  const folder = scene.folder('Frames');
  expect(framesFor(scene.owner, folder)).toBeNull();
  expect(numbersFor(scene.owner, folder, 1, 9)).toBeUndefined();
  expect(framesFor(scene.owner, scene.file('still.0001.exr'))).toBeNull();
});
