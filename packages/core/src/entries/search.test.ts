import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { removeEntry } from '../workspace/trash.ts';
import { searchWorkspace } from './search.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const search = (text: string, ctx = scene.owner) =>
  searchWorkspace(ctx, { projectId: scene.project.id, text });
const placesOf = async (text: string, ctx = scene.owner) =>
  (await search(text, ctx)).found.map(({ path, name }) => [...path, name].join('/'));

test('finds files, folders and sequences in all folders with their path, higher levels first', async () => {
  const reel = scene.folder('Reel 1');
  const mixes = scene.folder('Mixes', reel);
  scene.file('Final mix.wav', mixes);
  scene.file('mix.wav');
  for (const frame of [1001, 1002]) scene.file(`mix_plate.${frame}.exr`, mixes);
  expect(await placesOf('MIX')).toEqual([
    'mix.wav',
    'Reel 1/Mixes',
    'Reel 1/Mixes/Final mix.wav',
    'Reel 1/Mixes/mix_plate.####.exr',
  ]);
  expect((await search('final')).found).toMatchObject([{ folderId: mixes, kind: 'file' }]);
});

test('finds nothing of other people, nothing shared and nothing in the trash', async () => {
  const { hub, cora, owner, project } = scene;
  const reel = scene.folder('Reel 1');
  scene.share(scene.file('mix.wav', reel), cora);
  expect(await placesOf('mix', hub.as(cora))).toEqual([]);
  removeEntry(owner, { id: reel, projectId: project.id });
  expect(await placesOf('mix')).toEqual([]);
});

test('stops after fifty hits and reports that there are more', async () => {
  for (let number = 1; number <= 51; number++) scene.file(`take ${String(number)} of many.wav`);
  const { found, isComplete } = await search('of many');
  expect([found.length, isComplete]).toEqual([50, false]);
  expect((await search('take 51 ')).isComplete).toBe(true);
});

test('only members with a Workspace can search', async () => {
  const code = async (ctx: ShareScene['owner']) => (await refusalOf(() => search('a', ctx))).code;
  expect(await code(scene.hub.as(scene.stranger))).toBe('not_found');
  expect(await code(scene.hub.as(scene.people.reviewer))).toBe('forbidden');
});
