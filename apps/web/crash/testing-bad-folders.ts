/** For tests: bad data folders, each with the message it causes, and a way to verify that nothing changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { writeBackup } from '@turnover/db/backup';
import { openDatabase } from '@turnover/db/open';

export type BadFolder = {
  what: string;
  /** Damages a data folder that a hub has used. */
  spoil: (folder: string) => void;
  says: RegExp;
};

const database = (folder: string) => join(folder, 'turnover.db');

function rewrite(path: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(path, change(readFileSync(path)));
}

function inDatabase(folder: string, sql: string): void {
  const { $client } = openDatabase(database(folder));
  $client.exec(sql);
  $client.close();
}

/** Leaves the folder as kill -9 would: the last commit exists only in the write-ahead log. */
function kill(folder: string): void {
  const { $client } = openDatabase(database(folder));
  for (let number = 0; number < 5; number++)
    $client
      .prepare('INSERT INTO companies VALUES (?, ?, ?, 1)')
      .run(`com_${number}`, 'x'.repeat(3000), `k${number}`);
  const left = `${folder}-left`;
  cpSync(folder, left, { recursive: true });
  $client.close();
  rmSync(folder, { recursive: true });
  renameSync(left, folder);
}

const wal = (folder: string) => `${database(folder)}-wal`;
const emptied = (folder: string, name: string) => {
  rmSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, name));
};
const damaged = /is damaged: .* put the latest backup in its place/;

export const badFolders: BadFolder[] = [
  { what: 'a database of no bytes', spoil: (at) => truncateSync(database(at), 0), says: damaged },
  { what: 'a database of half a header', spoil: (at) => truncateSync(database(at), 60), says: damaged },
  { what: 'a database of zeros', spoil: (at) => rewrite(database(at), (all) => all.fill(0)), says: damaged },
  {
    what: 'a page of HTML by that name',
    spoil: (at) => writeFileSync(database(at), '<html>'.repeat(2000)),
    says: damaged,
  },
  {
    what: 'a database that lost its end',
    spoil: (at) => truncateSync(database(at), 3 * 4096),
    says: damaged,
  },
  {
    what: 'a database that lost half a page',
    spoil: (at) => rewrite(database(at), (all) => all.subarray(0, all.length - 2048)),
    says: damaged,
  },
  {
    what: 'a database with a destroyed page',
    spoil: (at) => rewrite(database(at), (all) => all.fill(0xa5, 4096, 6000)),
    says: damaged,
  },
  {
    what: 'a database without its list of migrations',
    spoil: (at) => inDatabase(at, 'DROP TABLE migrations'),
    says: damaged,
  },
  {
    what: "another program's database",
    spoil: (at) => inDatabase(at, 'PRAGMA application_id = 1234'),
    says: /database of another program, and Turnover leaves it alone/,
  },
  {
    what: 'a database of a newer version',
    spoil: (at) => inDatabase(at, "INSERT INTO migrations VALUES ('0999_future', 'x', 1)"),
    says: /newer version of Turnover \(it has 0999_future\).* Start that version again/,
  },
  {
    what: 'a database of another build',
    spoil: (at) => inDatabase(at, "UPDATE migrations SET hash = 'x'"),
    says: /another build of Turnover .* Start that build again/,
  },
  {
    what: 'a missing table',
    spoil: (at) => inDatabase(at, 'DROP TABLE entry_downloads'),
    says: /the table entry_downloads is missing.* put the latest backup in its place/,
  },
  {
    what: 'a missing column',
    spoil: (at) => inDatabase(at, 'ALTER TABLE users DROP COLUMN locale'),
    says: /the table users lacks "locale"/,
  },
  {
    what: 'a trigger of somebody else',
    spoil: (at) => inDatabase(at, 'CREATE TRIGGER t AFTER INSERT ON companies BEGIN DELETE FROM users; END'),
    says: /the trigger t is not Turnover's/,
  },
  {
    what: 'a damaged log of a killed process',
    spoil(at) {
      kill(at);
      rmSync(`${database(at)}-shm`);
      rewrite(wal(at), (log) => log.fill(0xff, 32 + 4120 + 16, 32 + 4120 + 24));
    },
    says: /log .* is damaged: .* latest backup/,
  },
  {
    what: 'a log that belongs to another database',
    spoil(at) {
      kill(at);
      const log = readFileSync(wal(at));
      const copy = `${at}-copy.db`;
      writeBackup(database(at), copy);
      renameSync(copy, database(at));
      writeFileSync(wal(at), log);
    },
    says: /belongs to another database .* Move .*-wal and .*-shm away/,
  },
  {
    what: 'a missing database',
    spoil: (at) => rmSync(database(at)),
    says: /turnover\.db is missing.* Restore the database/,
  },
  {
    what: 'a folder in the place of the database',
    spoil(at) {
      rmSync(database(at));
      mkdirSync(database(at));
    },
    says: /turnover\.db cannot be opened .* look at their owner and at the disk/,
  },
  {
    what: 'a link to a database that is not there',
    spoil(at) {
      rmSync(database(at));
      symlinkSync(`${at}-elsewhere.db`, database(at));
    },
    says: /is a link to a place that does not exist.* mount it and start again/,
  },
  {
    what: 'an emptied data folder',
    spoil: emptyWhole,
    says: /is empty, but it held the hub hub_\w+.* Mount it/,
  },
  {
    what: 'an emptied vault',
    spoil: (at) => emptied(at, 'vault'),
    says: /vault does not carry the marker .* probably not mounted/,
  },
  {
    what: 'a file in the place of incoming',
    spoil(at) {
      rmSync(join(at, 'incoming'), { recursive: true });
      writeFileSync(join(at, 'incoming'), 'a file');
    },
    says: /incoming is not a folder, and Turnover keeps files there/,
  },
  {
    what: "another hub's quarantine",
    spoil: (at) => writeMarkerOf(join(at, 'quarantine'), `hub_${'a'.repeat(26)}`),
    says: /quarantine belongs to another hub \(hub_a+\).* Mount the right disk/,
  },
  {
    what: 'a marker that is none',
    spoil: (at) => writeFileSync(join(at, 'turnover.id'), 'hub_'),
    says: /turnover\.id is not the marker that Turnover wrote/,
  },
  {
    what: 'a data folder that is a file',
    spoil(at) {
      rmSync(at, { recursive: true });
      writeFileSync(at, 'a file');
    },
    says: /is not a folder\. Set TURNOVER_DATA/,
  },
];

function emptyWhole(at: string): void {
  rmSync(at, { recursive: true });
  mkdirSync(at);
}

function writeMarkerOf(folder: string, hub: string): void {
  writeFileSync(join(folder, 'turnover.id'), JSON.stringify({ hub }));
}

export type Refusal = { code: number | null; said: string };

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const server = fileURLToPath(new URL('../server.ts', import.meta.url));

/** Starts the real web process, which is expected to exit. */
export async function startServer(env: NodeJS.ProcessEnv, uid?: number): Promise<Refusal> {
  const child = spawn(process.execPath, [server], {
    cwd: repository,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    ...(uid !== undefined && { uid, gid: uid }),
    env: { PORT: '0', HOST: '127.0.0.1', ...env },
  });
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  return { code: code as number | null, said };
}

/**
 * Returns every file below `root` with its permissions and bytes, except the index of the write-ahead log, which every
 * reader rebuilds.
 */
export function picture(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    if (name.endsWith('-shm')) continue;
    const path = join(root, name);
    const { mode, uid } = lstatSync(path);
    found[name] = `${mode.toString(8)} ${uid} ${contentOf(path)}`;
  }
  return found;
}

function contentOf(path: string): string {
  const facts = lstatSync(path);
  if (facts.isSymbolicLink()) return readlinkSync(path);
  return facts.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder';
}
