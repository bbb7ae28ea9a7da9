/** Tests that what groups gave before their roles were recorded is still taken away with them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identities } from './schema/accounts.ts';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-group-roles-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('each project that groups gave gets the present role of the person', () => {
  const given = JSON.stringify({ owner: true, projectIds: ['prj_1', 'prj_left'], companyId: 'com_1' });
  const nothing = JSON.stringify({ owner: false, projectIds: [], companyId: null });
  const db = migratedFrom(root, '_roles_of_groups.sql', (client) => {
    client.exec(`
      INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'ana@example.test', 'Ana', 1);
      INSERT INTO users (id, email, name, created_at) VALUES ('usr_2', 'ben@example.test', 'Ben', 1);
      INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'One', 1), ('prj_2', 'Two', 1);
      INSERT INTO memberships (id, project_id, user_id, role, created_at) VALUES
        ('mem_1', 'prj_1', 'usr_1', 'uploader', 1), ('mem_2', 'prj_2', 'usr_1', 'reviewer', 1);
      INSERT INTO identities (id, user_id, issuer, subject, given, created_at) VALUES
        ('idn_1', 'usr_1', 'https://login.example', 'ana', '${given}', 1),
        ('idn_2', 'usr_2', 'https://login.example', 'ben', '${nothing}', 1);`);
  });
  expect(db.select({ given: identities.given }).from(identities).all()).toEqual([
    { given: { owner: true, roles: { prj_1: 'uploader' }, companyId: 'com_1' } },
    { given: { owner: false, roles: {}, companyId: null } },
  ]);
  db.$client.close();
});
