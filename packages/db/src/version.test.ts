import { expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from './open.ts';
import { versionOf } from './version.ts';

test('changes with writes of this and of other connections, and with nothing else', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'turnover-version-'));
  const [mine, other] = [1, 2].map(() => openDatabase(path.join(folder, 'db.sqlite')));
  mine!.$client.exec('create table things (name text)');
  const seen = [versionOf(mine!)];
  mine!.$client.prepare('select * from things').all();
  expect(versionOf(mine!)).toBe(seen[0]);
  for (const db of [mine!, other!, other!, mine!]) {
    db.$client.exec(`insert into things values ('a')`);
    const now = versionOf(mine!);
    expect(seen).not.toContain(now);
    seen.push(now);
  }
  mine!.$client.exec('begin immediate');
  expect(versionOf(mine!)).toBe(seen.at(-1));
  mine!.$client.exec(`update things set name = 'b'; rollback`);
  expect(versionOf(mine!)).not.toBe(seen.at(-1));
  for (const db of [mine!, other!]) db.$client.close();
  rmSync(folder, { recursive: true });
});
