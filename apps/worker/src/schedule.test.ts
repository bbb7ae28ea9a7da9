import { setTimeout as wait } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorageCare } from '@turnover/core/storage-care';
import { emptyTrash } from '@turnover/core/workspace/trash-end';
import { trashScene, type TrashScene } from '@turnover/core/testing/trash';
import { dayMs } from '@turnover/domain/days';
import { endWhatIsOver, startSchedule } from './schedule.ts';

let scene: TrashScene;
beforeEach(async () => {
  scene = await trashScene();
});
afterEach(() => scene.close());

test('expires, purges and frees files in separate steps', async () => {
  const { hub, project } = scene;
  const { id, assetId } = scene.addFile('a.mov');
  hub.db.$client
    .prepare('update projects set launch_at = ?, retention_days = 30 where id = ?')
    .run(hub.clock.now, project.id);
  const endAfter = (days: number) => {
    hub.clock.advance(days * dayMs);
    return endWhatIsOver(hub.ctx);
  };
  await endAfter(1);
  expect(scene.rowOf(id)?.deletedAt).toBeNull();
  await endAfter(29);
  expect(scene.rowOf(id)).toMatchObject({ deletedAt: hub.clock.now, deletedBy: null });
  await endAfter(30);
  expect(scene.rowOf(id)).toBeUndefined();
  expect([scene.inVault(assetId), scene.inQuarantine(assetId)]).toEqual([false, true]);
  await endAfter(7);
  expect(scene.inQuarantine(assetId)).toBe(false);
  expect(hub.logged.map(({ event, facts }) => [event, facts])).toMatchObject([
    ['schedule.ended', { warned: 1, expired: 0, purged: 0, quarantined: 0, freed: 0 }],
    ['schedule.ended', { warned: 0, expired: 1, purged: 0, quarantined: 0, freed: 0 }],
    ['schedule.ended', { warned: 0, expired: 0, purged: 1, quarantined: 1, freed: 0 }],
    ['schedule.ended', { warned: 0, expired: 0, purged: 0, quarantined: 0, freed: 1 }],
  ]);
});

test('logs no errors when stopped while running', async () => {
  const { hub } = scene;
  const { id } = scene.addFile('a.mov');
  scene.trash(id);
  await emptyTrash(scene.ctx, { projectId: scene.project.id });
  const schedule = startSchedule(hub.ctx, hub.folder, openStorageCare(hub.folder));
  while (!existsSync(join(hub.folder, 'worker.json'))) await wait(5);
  schedule.stop();
  expect(hub.logged.filter(({ level }) => level === 'error')).toEqual([]);
});
