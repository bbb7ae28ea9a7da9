import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeBackup } from '@turnover/db/backup';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { readMarker } from '@turnover/db/folder-markers';
import { openMigrated } from '@turnover/db/migrate';
import type { Database } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { hub } from '@turnover/db/schema/hub';
import { claimDataFolder, inspectDataFolder, requireMarkers } from './claim-folder.ts';
import { idsFrom } from '../ids.ts';
import { vaultFile } from '../storage.ts';

let root: string;
let folder: string;
const now = Date.UTC(2026, 10, 28);
const newId = idsFrom(() => now);
/** Created once, because creating a database takes longer than everything else in this test. */
const template = join(mkdtempSync(join(tmpdir(), 'turnover-claim-')), 'data');
beforeAll(() => void start(template));
afterAll(() => rmSync(dirname(template), { recursive: true, force: true }));
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-claim-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const clock = () => now;

function begin(): void {
  cpSync(template, folder, { recursive: true });
}

/** Starts and ends as the web process does. */
function start(at = folder, options: { acceptMissingFiles?: boolean } = {}) {
  let endings = 0;
  const db = openMigrated(at, { clock, inspect: (found) => inspectDataFolder(found, at, options) });
  try {
    return {
      ...claimDataFolder(db, at, { clock, newId, onRestored: () => void endings++, ...options }),
      endings,
    };
  } finally {
    db.$client.close();
  }
}

function inDatabase(act: (db: Database) => void, at = folder): void {
  const db = openMigrated(at, { clock });
  act(db);
  db.$client.close();
}

test('accepts a database of an earlier version, whose table of the hub has fewer columns', () => {
  begin();
  const { hubId } = start();
  inDatabase((db) => {
    const columns = db.$client.pragma('table_info(hub)') as { name: string }[];
    for (const { name } of columns) {
      if (!['id', 'created_at', 'folder_id'].includes(name))
        db.$client.exec(`alter table hub drop column ${name}`);
    }
    expect(inspectDataFolder(db, folder)).toMatchObject({ hubId, state: 'same' });
  });
});

/** Inserts stored assets and writes their files. */
function store(count: number, at = folder): string[] {
  const ids = Array.from({ length: count }, (_, number) => idsFrom(() => now + number * 1000)('asset'));
  inDatabase((db) => {
    db.insert(assets)
      .values(ids.map((id) => ({ id, sizeBytes: 5, state: 'stored' as const, createdAt: now })))
      .run();
    for (const id of ids) {
      mkdirSync(dirname(vaultFile(at, id)), { recursive: true });
      writeFileSync(vaultFile(at, id), 'bytes');
    }
  }, at);
  return ids;
}

function refusal(run: () => unknown): string {
  const before = existsSync(folder) ? readdirSync(folder, { recursive: true }).sort() : null;
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DatabaseRefused);
    expect(existsSync(folder) ? readdirSync(folder, { recursive: true }).sort() : null).toEqual(before);
    return (error as Error).message;
  }
  throw new Error('It was taken.');
}

describe('a valid folder', () => {
  test('gets markers with one id, which the database stores, and keeps them', () => {
    const first = start();
    expect(first.state).toBe('first');
    for (const name of ['vault', 'incoming', 'quarantine'])
      expect(readMarker(join(folder, name))).toEqual({ hubId: first.hubId, folderId: null });
    expect(readMarker(folder)).toEqual({ hubId: first.hubId, folderId: first.folderId });
    inDatabase((db) =>
      expect(db.select().from(hub).all()).toMatchObject([{ id: first.hubId, folderId: first.folderId }]),
    );
    expect(start()).toEqual({ ...first, state: 'same', endings: 0 });
  });

  test('starts and gets markers when it has files but no markers', () => {
    store(3);
    expect(start()).toMatchObject({ state: 'first', endings: 0 });
    expect(start()).toMatchObject({ state: 'same' });
  });

  test('stays the same hub after a move to another place', () => {
    const first = start();
    renameSync(folder, join(root, 'moved'));
    expect(start(join(root, 'moved'))).toEqual({ ...first, state: 'same', endings: 0 });
  });

  test('may consist of links to another disk', () => {
    begin();
    store(2);
    renameSync(join(folder, 'vault'), join(root, 'big-disk'));
    symlinkSync(join(root, 'big-disk'), join(folder, 'vault'));
    expect(start()).toMatchObject({ state: 'same' });
  });

  test.each(['vault', 'incoming', 'quarantine'])(
    'creates %s again when it was removed while it was empty',
    (name) => {
      begin();
      rmSync(join(folder, name), { recursive: true });
      expect(start()).toMatchObject({ state: 'same' });
      expect(readMarker(join(folder, name))).toMatchObject({ folderId: null });
    },
  );

  test('gets a lost vault marker back when the vault contains its files', () => {
    begin();
    store(2);
    rmSync(join(folder, 'vault', 'turnover.id'));
    expect(start()).toMatchObject({ state: 'same' });
    expect(readMarker(join(folder, 'vault'))).not.toBe('missing');
  });
});

describe('a restored database', () => {
  function restore(): string {
    begin();
    store(3);
    const to = join(root, 'restored');
    mkdirSync(to);
    writeBackup(join(folder, 'turnover.db'), join(to, 'turnover.db'));
    cpSync(join(folder, 'vault'), join(to, 'vault'), { recursive: true });
    return to;
  }

  test('in an empty folder with its vault is the same hub in another folder, and ends old access once', () => {
    const to = restore();
    const { hubId, folderId } = start();
    const taken = start(to);
    expect(taken).toMatchObject({ hubId, state: 'restored', endings: 1 });
    expect(taken.folderId).not.toBe(folderId);
    expect(start(to)).toMatchObject({ state: 'same', endings: 0 });
  });

  test('is also detected in place of the newer database', () => {
    restore();
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `turnover.db${suffix}`), { force: true });
    cpSync(join(root, 'restored', 'turnover.db'), join(folder, 'turnover.db'));
    expect(start()).toMatchObject({ state: 'restored', endings: 1 });
    expect(start()).toMatchObject({ state: 'same', endings: 0 });
  });

  test('that was copied by hand while the hub was stopped is detected by the missing marker of the folder', () => {
    begin();
    mkdirSync(join(root, 'by-hand'));
    cpSync(join(folder, 'turnover.db'), join(root, 'by-hand', 'turnover.db'));
    expect(start(join(root, 'by-hand'))).toMatchObject({ state: 'restored', endings: 1 });
  });

  test('is refused without the vault that contains its files', () => {
    const to = restore();
    rmSync(join(to, 'vault'), { recursive: true });
    expect(refusal(() => start(to))).toMatch(/none of 3 .* put the vault that belongs to it beside it/);
    mkdirSync(join(to, 'vault'));
    expect(refusal(() => start(to))).toMatch(/none of 3/);
  });
});

describe('refuses without changing anything', () => {
  test.each(['vault', 'incoming', 'quarantine'])('%s that is an empty mount point', (name) => {
    begin();
    rmSync(join(folder, name), { recursive: true });
    mkdirSync(join(folder, name));
    expect(refusal(() => start())).toMatch(/does not carry the marker .* not mounted/);
    // A new ext4 disk contains this folder.
    mkdirSync(join(folder, name, 'lost+found'));
    expect(refusal(() => start())).toContain(join(folder, name));
    inDatabase((db) => expect(() => requireMarkers(db, folder)).toThrow(DatabaseRefused));
  });

  test('a vault that links to a missing disk', () => {
    begin();
    rmSync(join(folder, 'vault'), { recursive: true });
    symlinkSync(join(root, 'not-mounted', 'vault'), join(folder, 'vault'));
    expect(refusal(() => start())).toMatch(/link to a place that does not exist.*mount/);
  });

  test.each([
    ['truncated', (path: string) => truncateSync(path, 20)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['of another program', (path: string) => writeFileSync(path, '{"hub":"../../etc"}')],
    ['null', (path: string) => writeFileSync(path, 'null')],
    ['endless', (path: string) => writeFileSync(path, ' '.repeat(100_000))],
    ['a folder', (path: string) => (rmSync(path), mkdirSync(path))],
    ['a link', (path: string) => (rmSync(path), symlinkSync('/etc/hostname', path))],
  ])('a marker that is %s', (_, damage) => {
    for (const at of ['', 'vault']) {
      begin();
      const path = join(folder, at, 'turnover.id');
      const sound = readFileSync(path);
      damage(path);
      expect(refusal(() => start())).toMatch(/turnover\.id is not the marker/);
      rmSync(path, { recursive: true });
      writeFileSync(path, sound);
    }
  });

  test.each(['', 'vault', 'incoming'])('the marker of another hub in "%s"', (at) => {
    begin();
    start(join(root, 'other'));
    cpSync(join(root, 'other', at, 'turnover.id'), join(folder, at, 'turnover.id'));
    expect(refusal(() => start())).toMatch(/belongs to another hub \(hub_.* than the database \(hub_/);
    inDatabase((db) => expect(() => requireMarkers(db, folder)).toThrow(/belongs to another hub/));
  });

  test('a database of another hub in the folder', () => {
    begin();
    start(join(root, 'other'));
    cpSync(join(root, 'other', 'turnover.db'), join(folder, 'turnover.db'));
    expect(refusal(() => start())).toContain('belongs to another hub');
  });

  test.each([
    ['removed', (path: string) => rmSync(path), 'it is missing'],
    ['cut short', (path: string) => truncateSync(path, 2), 'its size differs'],
    ['replaced by a folder', (path: string) => (rmSync(path), mkdirSync(path)), 'it is no file'],
    [
      'replaced by a link to nothing',
      (path: string) => (rmSync(path), symlinkSync('/nowhere', path)),
      'it is missing',
    ],
    [
      'replaced by a link to itself',
      (path: string) => (rmSync(path), symlinkSync(path, path)),
      'it cannot be read',
    ],
  ])('a file of the vault that was %s, unless a person accepts it', (_, damage, why) => {
    begin();
    const ids = store(5);
    damage(vaultFile(folder, ids[2]!));
    const message = refusal(() => start());
    expect(message).toContain(`1 of 5 files`);
    expect(message).toContain(why);
    expect(message).toContain('TURNOVER_ACCEPT_MISSING_FILES');
    expect(start(folder, { acceptMissingFiles: true })).toMatchObject({ state: 'same' });
  });

  test('checks a limited sample of the vault, and detects an older copy among many files', () => {
    begin();
    const ids = store(300);
    for (const id of ids.slice(-10)) rmSync(vaultFile(folder, id));
    expect(refusal(() => start())).toMatch(/10 of ([45]\d|6[0-4]) files/);
  });
});
