import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Role } from '@turnover/domain/people/projects';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import { loadEntries, requireEntries } from './selection.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

test.each<[Role | null, string]>([
  ['reviewer', 'forbidden'],
  [null, 'not_found'],
])('a person who no longer has a Workspace cannot select entries in it: %s', async (role, code) => {
  const { hub, project, people } = scene;
  const ctx = hub.as(people.partner);
  const ids = [scene.createEntry(people.partner, 'Reel')];
  for (const check of [requireEntries, loadEntries]) check(hub.db, ctx, project.id, ids, 'update');
  hub.db.$client.prepare('delete from memberships where user_id = ?').run(people.partner.id);
  if (role) hub.addMember(project, people.partner, role);
  for (const check of [requireEntries, loadEntries]) {
    expect((await refusalOf(() => check(hub.db, ctx, project.id, ids, 'update'))).code).toBe(code);
  }
});

test('throws not_found for an entry of another project', async () => {
  const { hub, people } = scene;
  const elsewhere = hub.createProject();
  hub.addMember(elsewhere, people.partner, 'partner');
  const ctx = hub.as(people.partner);
  const ids = [scene.createEntry(people.partner, 'Reel')];
  for (const check of [requireEntries, loadEntries]) {
    expect((await refusalOf(() => check(hub.db, ctx, elsewhere.id, ids, 'update'))).code).toBe('not_found');
  }
});
