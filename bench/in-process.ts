// A hub without processes, for benchmarks of the services, and helpers that measure them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { insertAccount } from '../packages/core/src/people/accounts.ts';
import type { Context, PersonContext } from '../packages/core/src/context.ts';
import { addMember } from '../packages/core/src/projects/members.ts';
import { idsFrom } from '../packages/core/src/ids.ts';
import { createProject } from '../packages/core/src/projects/projects.ts';
import { openLocalStorage } from '../packages/core/src/storage.ts';
import { noBackups, roomyLimits } from '../packages/core/src/testing/limits.ts';
import { openMigrated } from '../packages/db/src/migrate.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import type { Role } from '../packages/domain/src/people/projects.ts';
import { root } from './process.ts';

const rounds = 41;

/** Runs `work` as a member with this role, in a temporary project and folder. */
export async function onHub(
  role: Role,
  work: (ctx: PersonContext, projectId: string, folder: string) => void | Promise<void>,
): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bench-'));
  try {
    const db = openMigrated(folder, { clock: Date.now });
    const storage = await openLocalStorage(folder);
    const ctx: Context = {
      db,
      clock: Date.now,
      newId: idsFrom(Date.now),
      storage,
      limits: roomyLimits,
      log: () => undefined,
      backups: noBackups,
      mail: { configured: false },
    };
    const account = { name: 'Reader', email: 'reader@example.com', passwordHash: '', isOwner: true };
    const person = inTransaction(db, (tx) => insertAccount(tx, ctx, account));
    const acting: PersonContext = { ...ctx, person };
    const projectId = createProject(acting, { name: 'Benchmark' }).id;
    addMember(acting, { projectId, userId: person.id, role });
    await work(acting, projectId, folder);
    db.$client.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function medianMs(work: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return median(times);
}

/** Like `medianMs`, for asynchronous work, until its result is available. */
export async function medianMsUntil(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!;
}

/** Prints both times and whether the goals are met. */
export function compare(
  { name, ours, peer }: { name: string; ours: number; peer: number },
  goals: { ms: number; ratio: number },
): void {
  const ratio = ours / peer;
  const reached = ours <= goals.ms && ratio <= goals.ratio;
  console.log(`  ${name.padEnd(37)} ${ours.toFixed(2)} ms (aim: ${goals.ms})`);
  console.log(`  ${'the same rows, bare'.padEnd(37)} ${peer.toFixed(2)} ms`);
  console.log(
    `  ${ratio.toFixed(2)} of bare (aim: at most ${goals.ratio}) ${reached ? 'reached' : 'NOT reached'}`,
  );
}
