/** Creates databases of earlier versions, for tests of migrations. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { migrationsFolder } from '../migration-files.ts';
import { openMigrated } from '../migrate.ts';
import type { Database } from '../open.ts';

/**
 * Creates a database with the migrations before the one whose file name ends with `ending`, lets `fill` write its rows, and
 * migrates it to the newest version. `root`: an empty folder.
 */
export function migratedFrom(
  root: string,
  ending: string,
  fill: (client: Database['$client']) => void,
): Database {
  const before = join(root, 'migrations');
  mkdirSync(before);
  const files = readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql'));
  const own = files.find((name) => name.endsWith(ending));
  if (own === undefined) throw new Error(`No migration ends with ${ending}.`);
  for (const name of files.filter((each) => each < own))
    cpSync(join(migrationsFolder, name), join(before, name));
  const folder = join(root, 'data');
  const old = openMigrated(folder, { clock: () => 0, migrationsFolder: before });
  fill(old.$client);
  old.$client.close();
  return openMigrated(folder, { clock: () => 0 });
}
