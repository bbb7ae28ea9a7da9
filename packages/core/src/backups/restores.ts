/**
 * Restores that an owner orders on the page. The hub stops, the command `restore --ordered` carries the order out, and the hub
 * starts from the backup. Also the records of restores.
 */
import { basename } from 'node:path';
import { eq } from 'drizzle-orm';
import type { z } from 'zod';
import { databasePath } from '@turnover/db/data-folder';
import { openDatabase, type Database, type Transaction } from '@turnover/db/open';
import { restores } from '@turnover/db/schema/backups';
import { HubError } from '@turnover/domain/errors';
import type { restoreInput } from '@turnover/domain/server/backups';
import { recordAct } from '../audit/record.ts';
import type { Context, PersonContext } from '../context.ts';
import { refuseTokens, withOwnProof } from '../people/second-factor.ts';
import type { EndedAccess } from '../server/end-old-access.ts';
import { listBackups } from './list.ts';
import { forgetUnfinished } from './queue.ts';
import { readFacts, type RestoreFacts } from './restore-facts.ts';

export type RestoreOrder = { id: string; backup: string; orderedBy: string };

/**
 * Stops the hub for the restore. Throws `unavailable` where nothing would start it again, `forbidden` for a token, `not_found`,
 * `sign_in_refused` for a wrong password, and `factor_refused` for a wrong code.
 */
export async function orderRestore(
  ctx: PersonContext,
  { backup, password, code }: z.infer<typeof restoreInput>,
): Promise<void> {
  const { pause } = ctx;
  if (!pause)
    throw new HubError('unavailable', 'Nothing would start this hub again: use the command restore.');
  refuseTokens(ctx);
  const { backups } = await listBackups(ctx);
  const isThere = backups.some(
    ({ name, state }) => name === backup && (state === 'made' || state === 'kept'),
  );
  if (!isThere) throw new HubError('not_found', 'There is no such backup.');
  const row = { id: ctx.newId('restore'), backup, orderedBy: ctx.person.email, createdAt: ctx.clock() };
  const insert = (tx: Transaction) =>
    void tx
      .insert(restores)
      .values({ ...row, state: 'ordered' })
      .run();
  // A backup brings back older passwords and second factors, so the password alone must not be enough.
  await withOwnProof(ctx, { password, code }, insert);
  pause();
}

/** The order that waits in the database of a stopped hub. */
export function openOrder(dataFolder: string): RestoreOrder | undefined {
  return withDatabase(dataFolder, (db) => {
    const order = db.select().from(restores).where(eq(restores.state, 'ordered')).get();
    return order && { id: order.id, backup: order.backup, orderedBy: order.orderedBy ?? '' };
  });
}

export function refuseOrder(dataFolder: string, id: string, reason: string): void {
  withDatabase(dataFolder, (db) =>
    db.update(restores).set({ state: 'refused', reason }).where(eq(restores.id, id)).run(),
  );
}

function withDatabase<Result>(dataFolder: string, work: (db: Database) => Result): Result {
  const db = openDatabase(databasePath(dataFolder));
  try {
    return work(db);
  } finally {
    db.$client.close();
  }
}

/** Ends orders that nobody carried out, as after a power cut. Called when the hub starts. */
export function interruptOrders(db: Database): void {
  db.update(restores).set({ state: 'interrupted' }).where(eq(restores.state, 'ordered')).run();
}

/** Records in a restored database where it came from. Called in the transaction that claims the folder. */
export function recordRestore(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  { dataFolder, ended }: { dataFolder: string; ended: EndedAccess },
): void {
  forgetUnfinished(tx);
  const facts = readFacts(dataFolder);
  if (facts) {
    const { backup, orderedBy, restorePoint } = facts;
    tx.insert(restores)
      .values({
        id: ctx.newId('restore'),
        backup: basename(backup),
        orderedBy,
        restorePoint: restorePoint && basename(restorePoint),
        state: 'done',
        createdAt: ctx.clock(),
      })
      .run();
  }
  const details = { ...(facts && factsOf(facts)), ...ended };
  const isByCommand = facts !== undefined && facts.orderedBy === null;
  const caller = isByCommand ? ({ via: 'command', viaId: null, address: null } as const) : undefined;
  recordAct(tx, { clock: ctx.clock, caller }, { action: 'backups.restored', actor: null, details });
}

/**
 * For the audit log. It goes back to the time of the backup as well: later entries are in the restore point, and the number and
 * hash of the newest of them show the gap.
 */
function factsOf({ backup, orderedBy, replacedLog }: RestoreFacts) {
  return {
    backup: basename(backup),
    orderedBy,
    replacedEntries: replacedLog?.seq ?? null,
    replacedHash: replacedLog?.hash ?? null,
  };
}
