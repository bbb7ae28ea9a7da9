import { afterEach, beforeEach, expect, test } from 'vitest';
import { markNotificationsRead } from '../notifications/inbox.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { removeEntries, restoreEntries, restoreEntry } from './trash.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const deletions = () => scene.notificationsFor(scene.pat.email).map(({ kind, data }) => ({ kind, data }));

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
  expect(deletions()).toMatchObject([
    { kind: 'entry.deleted', data: { count: 2, names: ['a.mov', 'c.mov'] } },
  ]);
  await restoreEntries(cora, [one!, three!]);
  expect(deletions()).toEqual([]);
});

test('does not change a notification that the owner has read', async () => {
  const [one] = await deletedByCora(['a.mov']);
  markNotificationsRead(scene.owner, { notificationIds: null });
  restoreEntry(scene.hub.as(scene.cora), { id: one! });
  expect(deletions()).toMatchObject([{ kind: 'entry.deleted', data: { count: 1 } }]);
});
