import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimDataFolder } from '@turnover/core/server/claim-folder';
import { idsFrom } from '@turnover/core/ids';
import { vaultFile } from '@turnover/core/storage';
import { writeBackup } from '@turnover/db/backup';
import { readMarker } from '@turnover/db/folder-markers';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { openMigrated } from '@turnover/db/migrate';
import { openDatabase } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { mountSmallDisk, removeSmallDisk } from '@turnover/db/testing/small-disk';
import { run } from './run.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-restore-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const clock = Date.now;
const newId = idsFrom(clock);
const database = (at = folder) => join(at, 'turnover.db');
const backup = () => join(folder, 'backups', 'copy.db');

/** Starts and ends a hub as the web process does. Returns how often it ended old access. */
function start(at = folder): number {
  let endings = 0;
  const db = openMigrated(at, { clock });
  claimDataFolder(db, at, { clock, newId, onRestored: () => void endings++ });
  db.$client.close();
  return endings;
}

function addCompany(name: string, at = folder): void {
  const db = openDatabase(database(at));
  db.$client
    .prepare('insert into companies values (?, ?, ?, 1)')
    .run(`com_${name}`, name, name.toLowerCase());
  db.$client.close();
}

function companies(at = folder): unknown[] {
  const db = openDatabase(database(at));
  const names = db.$client.prepare('select name from companies order by created_at, rowid').pluck().all();
  db.$client.close();
  return names;
}

function addAsset(): string {
  const id = newId('asset');
  const db = openDatabase(database());
  db.insert(assets).values({ id, sizeBytes: 5, state: 'stored', createdAt: 1 }).run();
  db.$client.close();
  mkdirSync(dirname(vaultFile(folder, id)), { recursive: true });
  writeFileSync(vaultFile(folder, id), 'bytes');
  return id;
}

/** A hub with a backup, and a company that was added since. */
function makeHub(): void {
  start();
  addCompany('Before');
  writeBackup(database(), backup());
  addCompany('Since');
}

async function call(...words: string[]) {
  const printed: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    printError: (text: string) => printed.push(text),
  };
  const code = await run(['restore', ...words], { TURNOVER_DATA: folder }, output);
  return { code, printed: printed.join('\n') };
}

/** Expects a refusal with this sentence that changes nothing. */
async function expectRefusal(words: string[], sentence: string | RegExp): Promise<void> {
  const before = {
    names: readdirSync(folder).sort(),
    bytes: existsSync(database()) && readFileSync(database()),
  };
  const { code, printed } = await call(...words);
  expect(printed).toMatch(sentence);
  expect(code).toBe(1);
  expect(
    readdirSync(folder)
      .filter((name) => name !== 'web.lock')
      .sort(),
  ).toEqual(before.names.filter((name) => name !== 'web.lock'));
  if (before.bytes) expect(readFileSync(database()).equals(before.bytes)).toBe(true);
}

describe('restore', () => {
  test('replaces the database, keeps the present one, and ends old access at the next start', async () => {
    makeHub();
    const { code, printed } = await call(backup(), '--yes');
    expect({ code, printed }).toMatchObject({ code: 0 });
    expect(printed).toContain('Everybody is signed out: 0 sign-ins, 0 API tokens');
    expect(companies()).toEqual(['Before']);
    expect(start()).toBe(1);
    expect(start()).toBe(0);
  });

  test('takes the name of a file in the folder for backups', async () => {
    makeHub();
    expect(await call('copy.db', '--yes')).toMatchObject({ code: 0 });
    expect(companies()).toEqual(['Before']);
  });

  test('goes back to the restore point by --undo, and forth again', async () => {
    makeHub();
    await call(backup(), '--yes');
    start();
    expect(await call('--undo', '--yes')).toMatchObject({ code: 0 });
    expect(companies()).toEqual(['Before', 'Since']);
    expect(start()).toBe(1);
    await call('--undo', '--yes');
    expect(companies()).toEqual(['Before']);
  });

  test('keeps commits that are only in the log of a killed process', async () => {
    makeHub();
    const db = openDatabase(database());
    db.$client.exec("insert into companies values ('com_log', 'In the log', 'in the log', 9)");
    for (const suffix of ['', '-wal', '-shm'])
      copyFileSync(database() + suffix, join(root, `killed${suffix}`));
    db.$client.close();
    for (const suffix of ['', '-wal', '-shm']) renameSync(join(root, `killed${suffix}`), database() + suffix);
    expect(await call(backup(), '--yes')).toMatchObject({ code: 0 });
    expect(companies()).toEqual(['Before']);
    await call('--undo', '--yes');
    expect(companies()).toEqual(['Before', 'Since', 'In the log']);
  });

  test('fills an empty folder on another machine', async () => {
    makeHub();
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    const own = folder;
    folder = elsewhere;
    expect(await call(join(own, 'backups', 'copy.db'), '--yes')).toMatchObject({ code: 0 });
    expect(companies(elsewhere)).toEqual(['Before']);
    expect(start(elsewhere)).toBe(1);
  });

  test('sets a damaged database aside with its log', async () => {
    makeHub();
    const bytes = readFileSync(database());
    bytes.fill(7, 4096, bytes.length);
    writeFileSync(database(), bytes);
    const { code, printed } = await call(backup(), '--yes');
    expect({ code, printed }).toMatchObject({ code: 0 });
    expect(printed).toContain('damaged, so it is no restore point');
    const aside = readdirSync(join(folder, 'backups')).find((name) => name.endsWith('-damaged'))!;
    expect(readFileSync(join(folder, 'backups', aside, 'turnover.db')).equals(bytes)).toBe(true);
    expect(companies()).toEqual(['Before']);
  });

  test('takes files back from the quarantine, which were deleted after the backup', async () => {
    start();
    const id = addAsset();
    writeBackup(database(), backup());
    mkdirSync(join(folder, 'quarantine'), { recursive: true });
    renameSync(vaultFile(folder, id), join(folder, 'quarantine', id));
    const { code, printed } = await call(backup(), '--yes');
    expect(code).toBe(0);
    expect(printed).toContain('1 files were deleted since');
    expect(readFileSync(vaultFile(folder, id), 'utf8')).toBe('bytes');
  });

  test('replaces another hub when told to', async () => {
    makeHub();
    const other = join(root, 'other');
    start(other);
    addCompany('Other', other);
    writeBackup(database(other), join(root, 'other.db'));
    await expectRefusal([join(root, 'other.db'), '--yes'], /is of another hub .* add --other-hub/);
    expect(await call(join(root, 'other.db'), '--yes', '--other-hub')).toMatchObject({ code: 0 });
    expect(companies()).toEqual(['Other']);
    expect(start()).toBe(1);
    expect(readMarker(folder)).toMatchObject({ hubId: (readMarker(other) as { hubId: string }).hubId });
  });
});

describe('restore refuses, and changes nothing', () => {
  beforeEach(() => makeHub());

  test('without an answer', async () => {
    await expectRefusal([backup()], 'nobody can be asked. Add --yes');
  });

  test('while the hub runs', async () => {
    const lock = lockDataFolder(folder);
    await expectRefusal([backup(), '--yes'], 'Turnover is already running');
    lock.release();
  });

  test('while another program has the database open', async () => {
    const db = openDatabase(database());
    await expectRefusal([backup(), '--yes'], 'Another program has the database');
    db.$client.close();
    expect(companies()).toEqual(['Before', 'Since']);
  });

  test('a backup of a newer version', async () => {
    const db = openDatabase(backup());
    db.$client.exec("insert into migrations values ('9999_future', 'x', 1)");
    db.$client.pragma('journal_mode = DELETE');
    db.$client.close();
    rmSync(backup().replace('.db', '.sha256'));
    await expectRefusal([backup(), '--yes'], 'newer version of Turnover');
  });

  test.each([
    ['a flipped byte', () => flipByte(backup())],
    ['a flipped byte in the manifest', () => writeFileSync(backup().replace('.db', '.vault'), 'x')],
    ['a missing end', () => truncateSync(backup(), statSync(backup()).size - 4096)],
    [
      'other bytes, without hashes',
      () => {
        writeFileSync(backup(), Buffer.alloc(8192, 1));
        rmSync(backup().replace('.db', '.sha256'));
      },
    ],
  ])('a backup with %s', async (_what, damage) => {
    damage();
    await expectRefusal([backup(), '--yes'], /The backup .* is damaged/);
  });

  test('a copy that is no backup, because it would keep its sign-ins', async () => {
    const copy = join(root, 'plain.db');
    const db = openDatabase(database());
    db.$client.prepare('vacuum into ?').run(copy);
    db.$client.close();
    await expectRefusal([copy, '--yes'], 'but not a backup');
  });

  test('what is not there', async () => {
    await expectRefusal(['absent.db', '--yes'], 'There is no backup absent.db');
    await expectRefusal(['--undo', '--yes'], 'There is no restore point');
    expect((await call()).code).toBe(2);
    expect((await call(backup(), '--undo')).code).toBe(2);
  });

  test('a vault without files that the backup names, unless a person accepts it', async () => {
    const id = addAsset();
    writeBackup(database(), backup());
    rmSync(vaultFile(folder, id));
    await expectRefusal([backup(), '--yes'], `${vaultFile(folder, id)}: it is missing`);
    expect(await call(backup(), '--yes', '--accept-missing-files')).toMatchObject({ code: 0 });
  });
});

const disk = mountSmallDisk(4);
test.skipIf(disk === null)('restore onto a full disk is refused, and the hub is as before', async () => {
  try {
    makeHub();
    const own = folder;
    folder = join(disk!, 'data');
    start();
    addCompany('Present');
    rmSync(join(folder, 'turnover.id'));
    const { bavail, bsize } = await import('node:fs').then(({ statfsSync }) => statfsSync(disk!));
    const copied = join(own, 'backups', 'copy.db');
    writeFileSync(join(disk!, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - statSync(copied).size)));
    const { code, printed } = await call(copied, '--yes', '--other-hub');
    expect(printed).toMatch(/has no room: .* The database was not changed/);
    expect(code).toBe(1);
    expect(companies()).toEqual(['Present']);
  } finally {
    removeSmallDisk(disk);
  }
});

describe('a crash leaves the old database or the new one, and a second attempt succeeds', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const killed = (crashAt: string) =>
    spawnSync(process.execPath, [main, 'restore', backup(), '--yes'], {
      env: { ...process.env, TURNOVER_DATA: folder, TURNOVER_CRASH_AT: crashAt },
      encoding: 'utf8',
      timeout: 30_000,
    });

  test.each([
    ['restore.afterPoint', ['Before', 'Since']],
    ['restore.afterStage', ['Before', 'Since']],
    ['restore.beforeReplace', ['Before', 'Since']],
    ['restore.afterReplace', ['Before']],
  ])('at %s', { timeout: 60_000 }, async (crashAt, left) => {
    makeHub();
    expect(killed(crashAt).signal).toBe('SIGKILL');
    start();
    expect(companies()).toEqual(left);
    const { code } = await call(backup(), '--yes');
    expect(code).toBe(0);
    expect(companies()).toEqual(['Before']);
    expect(readdirSync(folder)).not.toContain('turnover.restoring');
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}
