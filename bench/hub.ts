// A complete hub for a benchmark: the real web server and worker on their own folder, with one project and one sender.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { insertAccount } from '../packages/core/src/people/accounts.ts';
import type { Context } from '../packages/core/src/context.ts';
import { addMember } from '../packages/core/src/projects/members.ts';
import { idsFrom } from '../packages/core/src/ids.ts';
import { createProject } from '../packages/core/src/projects/projects.ts';
import { openLocalStorage } from '../packages/core/src/storage.ts';
import { noBackups, roomyLimits } from '../packages/core/src/testing/limits.ts';
import { createToken } from '../packages/core/src/people/tokens.ts';
import { openMigrated } from '../packages/db/src/migrate.ts';
import type { Database } from '../packages/db/src/open.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { webArguments } from '../scripts/servers.mjs';
import { serve, start, stop } from './process.ts';

export type BenchHub = {
  address: string;
  token: string;
  projectId: string;
  web: ChildProcess;
  worker: ChildProcess;
  /** Resolves when the worker has hashed and published every upload. */
  whenQuiet(): Promise<void>;
  stop(): Promise<void>;
};

export async function startHub(dataFolder: string, settings: Record<string, string> = {}): Promise<BenchHub> {
  const db = openMigrated(dataFolder, { clock: Date.now });
  const sender = await makeSender(db, dataFolder);
  const unfinished = db.$client
    .prepare("select count(*) from uploads where status in ('uploading', 'verifying')")
    .pluck();
  const env = { ...settings, TURNOVER_DATA: dataFolder, PORT: '0', HOST: '127.0.0.1' };
  const web = await serve(webArguments, env);
  const worker = start(['apps/worker/src/main.ts'], env);
  return {
    ...sender,
    address: web.address,
    web: web.process,
    worker,
    async whenQuiet() {
      while (unfinished.get() !== 0) await wait(50);
    },
    async stop() {
      db.$client.close();
      await stop(worker);
      await stop(web.process);
    },
  };
}

/** A context without limits, for what a benchmark prepares. */
export async function contextOn(db: Database, dataFolder: string): Promise<Context> {
  return {
    db,
    clock: Date.now,
    newId: idsFrom(Date.now),
    storage: await openLocalStorage(dataFolder),
    limits: roomyLimits,
    backups: noBackups,
    mail: { configured: false },
    log: () => undefined,
  };
}

async function makeSender(db: Database, dataFolder: string): Promise<{ token: string; projectId: string }> {
  const ctx = await contextOn(db, dataFolder);
  const account = { name: 'Sender', email: 'sender@example.com', passwordHash: '', isOwner: true };
  const person = inTransaction(db, (tx) => insertAccount(tx, ctx, account));
  const acting = { ...ctx, person };
  const projectId = createProject(acting, { name: 'Benchmark' }).id;
  addMember(acting, { projectId, userId: person.id, role: 'partner' });
  const { token } = createToken(acting, { name: 'benchmark' });
  return { token, projectId };
}
