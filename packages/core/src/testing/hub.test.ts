import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { roleIn } from '../access.ts';
import { testHub } from './hub.ts';

test('a test hub has the real schema and people with roles, and leaves nothing behind', async () => {
  const hub = await testHub({ onDisk: true });
  const project = hub.createProject();
  const person = hub.createPerson({ project, role: 'coordinator' });
  expect(roleIn(hub.db, person, project.id)).toBe('coordinator');
  expect(hub.as(person).person).toBe(person);
  const before = hub.ctx.clock();
  hub.clock.advance(5);
  expect(hub.ctx.clock()).toBe(before + 5);
  hub.close();
  expect(existsSync(hub.folder)).toBe(false);
});
