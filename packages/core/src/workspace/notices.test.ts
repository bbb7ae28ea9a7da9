import { afterEach, beforeEach, expect, test } from 'vitest';
import { gatherNoticesMs } from '@turnover/domain/notification-table';
import { markNotificationsRead } from '../notifications/inbox.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { removeEntries, restoreEntries, restoreEntry } from './trash.ts';
import { renameEntry } from './workspace.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const notices = () => scene.notificationsFor(scene.pat.email).map(({ kind, data }) => ({ kind, data }));

async function deletedByCora(names: readonly string[]): Promise<string[]> {
  const folderId = scene.folder('Dailies');
  const entryIds = names.map((name) => scene.file(name, folderId));
  scene.share(folderId, scene.cora, { canUpdate: true });
  await removeEntries(scene.hub.as(scene.cora), scene.project.id, { entryIds });
  return entryIds;
}

test('tells the owner only about entries that are still deleted after the undo', async () => {
  const [one, two, three] = await deletedByCora(['a.mov', 'b.mov', 'c.mov']);
  const cora = scene.hub.as(scene.cora);
  restoreEntry(cora, { id: two! });
  expect(notices()).toMatchObject([{ kind: 'entry.deleted', data: { count: 2, names: ['a.mov', 'c.mov'] } }]);
  await restoreEntries(cora, [one!, three!]);
  expect(notices()).toEqual([]);
});

test('does not change a notification that the owner has read', async () => {
  const [one] = await deletedByCora(['a.mov']);
  markNotificationsRead(scene.owner, { notificationIds: null });
  restoreEntry(scene.hub.as(scene.cora), { id: one! });
  expect(notices()).toMatchObject([{ kind: 'entry.deleted', data: { count: 1 } }]);
});

function sharedFile(): (name: string) => void {
  const folderId = scene.folder('Dailies');
  const id = scene.file('a.mov', folderId);
  scene.share(folderId, scene.cora, { canUpdate: true });
  return (name) => void renameEntry(scene.hub.as(scene.cora), { id }, name);
}

test('tells the owner nothing about a rename that was undone', () => {
  const rename = sharedFile();
  rename('b.mov');
  expect(notices()).toMatchObject([{ kind: 'entry.renamed', data: { before: 'a.mov', name: 'b.mov' } }]);
  rename('a.mov');
  expect(notices()).toEqual([]);
});

test('tells the owner once about several renames of an entry within minutes', () => {
  const rename = sharedFile();
  rename('b.mov');
  rename('c.mov');
  expect(notices()).toMatchObject([{ data: { before: 'a.mov', name: 'c.mov' } }]);
  scene.hub.clock.advance(gatherNoticesMs);
  rename('a.mov');
  expect(notices()).toMatchObject([
    { data: { before: 'a.mov', name: 'c.mov' } },
    { data: { before: 'c.mov', name: 'a.mov' } },
  ]);
});

test('tells an owner who has read about a rename that the old name is back', () => {
  const rename = sharedFile();
  rename('b.mov');
  markNotificationsRead(scene.owner, { notificationIds: null });
  scene.hub.clock.advance(1);
  rename('a.mov');
  expect(notices()).toMatchObject([
    { data: { before: 'a.mov', name: 'b.mov' } },
    { data: { before: 'b.mov', name: 'a.mov' } },
  ]);
});

test('keeps the renames of two entries apart', () => {
  const folderId = scene.folder('Dailies');
  const [one, two] = [scene.file('a.mov', folderId), scene.file('x.mov', folderId)];
  scene.share(folderId, scene.cora, { canUpdate: true });
  const cora = scene.hub.as(scene.cora);
  renameEntry(cora, { id: one }, 'b.mov');
  scene.hub.clock.advance(1);
  renameEntry(cora, { id: two }, 'a.mov');
  expect(notices()).toMatchObject([
    { data: { before: 'a.mov', name: 'b.mov' } },
    { data: { before: 'x.mov', name: 'a.mov' } },
  ]);
});
