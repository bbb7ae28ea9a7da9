/** Makes backups while two processes write, and kills some of them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject } from 'vitest';
import { openDatabase } from '@turnover/db/open';
import { openReadOnly, openTestDatabase } from '@turnover/db/testing';
import { verifyBackup } from '@turnover/db/verify-backup';
import { tortureRow, type Row } from '../testing/torture-row.ts';
import { copyDatabase } from './copy.ts';

const program = fileURLToPath(new URL('../testing/ledger-writer.ts', import.meta.url));
const names = ['one', 'two'] as const;
const MiB = 1024 ** 2;

let folder: string;
let writers: Map<string, Writer>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-hot-'));
  writers = new Map();
});
afterEach(async () => {
  await Promise.all([...writers.values()].map(({ process }) => end(process)));
  rmSync(folder, { recursive: true, force: true });
});

type Writer = { process: ChildProcess; acknowledged: number };

async function startWriter(name: string): Promise<void> {
  const child = fork(program, [join(folder, 'turnover.db'), name, '8'], { execArgv: [] });
  const writer: Writer = { process: child, acknowledged: 0 };
  child.on('message', (number) => (writer.acknowledged = Number(number)));
  writers.set(name, writer);
  await once(child, 'message');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function fill(bytes: number): void {
  const db = openTestDatabase(join(folder, 'turnover.db'));
  db.$client.exec('create table filler (bytes blob)');
  const insert = db.$client.prepare('insert into filler values (randomblob(?))');
  db.$client.transaction(() => {
    for (let filled = 0; filled < bytes; filled += MiB) insert.run(MiB);
  })();
  db.$client.close();
}

/** Notes what the backup lacks: it must hold each writer's rows without a gap, and at least those acknowledged before it. */
function compare(row: Row, backup: string, acknowledged: ReadonlyMap<string, number>): void {
  try {
    verifyBackup(backup);
  } catch (error) {
    return row.lose(`${backup}: ${(error as Error).message}`);
  }
  const db = openReadOnly(backup);
  for (const [name, number] of acknowledged) {
    const found = db.$client.prepare(
      'select count(*) as rows, coalesce(max(created_at), 0) as last from companies where id like ?',
    );
    const { rows, last } = found.get(`${name}_%`) as { rows: number; last: number };
    if (rows !== last) row.lose(`${backup}: ${rows} rows of ${name}, the last is ${last}`);
    if (last < number) row.lose(`${backup}: ${last} of ${number} acknowledged rows of ${name}`);
  }
  db.$client.close();
}

tortureRow('hot-backup', {
  promise:
    'a backup under load holds every acknowledged commit before it, and a killed one leaves no file that looks whole',
  shortTrials: 4,
  longTrials: 40,
  async run(row) {
    fill(inject('isLong') ? 500 * MiB : 4 * MiB);
    await Promise.all(names.map(startWriter));
    const times: number[] = [];
    let killed = 0;
    for (let trial = 0; trial < row.trials; trial++) {
      const backup = join(folder, 'backups', `${trial}.db`);
      const acknowledged = new Map(names.map((name) => [name, writers.get(name)!.acknowledged]));
      const longest = Math.max(500, ...times);
      const killAfterMs = trial % 2 === 1 ? row.between(0, longest) : null;
      const outcome = await backUp(backup, killAfterMs, times);
      if (outcome === 'killed') killed++;
      if (outcome === 'made' || existsSync(backup)) compare(row, backup, acknowledged);
      rmSync(join(folder, 'backups'), { recursive: true, force: true });
    }
    const total = names.reduce((sum, name) => sum + writers.get(name)!.acknowledged, 0);
    const live = openDatabase(join(folder, 'turnover.db'));
    expect(live.$client.pragma('integrity_check', { simple: true })).toBe('ok');
    live.$client.close();
    row.note(`${killed} killed, ${total} commits meanwhile, the slowest backup ${Math.max(...times)} ms`);
  },
});

async function backUp(
  backup: string,
  killAfterMs: number | null,
  times: number[],
): Promise<'made' | 'killed'> {
  const stop = new AbortController();
  if (killAfterMs !== null) void wait(killAfterMs).then(() => stop.abort());
  const startedAt = performance.now();
  try {
    await copyDatabase(join(folder, 'turnover.db'), backup, stop.signal);
    times.push(Math.round(performance.now() - startedAt));
    return 'made';
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 'killed';
  }
}
