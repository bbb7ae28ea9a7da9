import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { previewRemoval } from './sight.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const previewBy = async (ctx: ShareScene['owner'], ...entryIds: string[]) => {
  const preview = await previewRemoval(ctx, { projectId: scene.project.id, selection: { entryIds } });
  return { ...preview, loses: preview.loses.map(({ name }) => name).sort() };
};

test('tells the owner who loses access: to the entry, through a folder above it, or to entries inside it', async () => {
  const { hub, owner, cora, tomas, people } = scene;
  const mixes = scene.folder('Mixes');
  const reel = scene.folder('Reel 1', mixes);
  const take = scene.file('take.wav', reel);
  scene.share(mixes, cora, { canShare: true });
  scene.share(take, tomas);
  scene.share(mixes, people.partner, {}, hub.as(cora));
  expect(await previewBy(owner, reel)).toEqual({ entries: 1, loses: ['Cora', 'Tomas', 'partner'], more: 0 });
  expect(await previewBy(owner, scene.file('own.wav'))).toEqual({ entries: 1, loses: [], more: 0 });
});

test('tells other people the name of the owner, and only the number of the rest', async () => {
  const { hub, cora, tomas } = scene;
  const mixes = scene.folder('Mixes');
  const take = scene.file('take.wav', mixes);
  scene.share(mixes, cora, { canUpdate: true });
  scene.share(mixes, tomas);
  expect(await previewBy(hub.as(cora), take)).toEqual({ entries: 1, loses: ['Pat'], more: 1 });
});

test('is possible only for people who may delete the entry', async () => {
  const { hub, cora, tomas } = scene;
  const take = scene.file('take.wav');
  scene.share(take, cora);
  const code = async (ctx: ShareScene['owner']) => (await refusalOf(() => previewBy(ctx, take))).code;
  expect(await code(hub.as(cora))).toBe('forbidden');
  expect(await code(hub.as(tomas))).toBe('not_found');
});
