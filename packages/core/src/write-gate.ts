/** Writing where another process holds the database: changes wait for it a short while, and reads never do. */
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { untilWritable } from '@turnover/db/write-lock';
import { HubError } from '@turnover/domain/errors';
import { faultErrorOf, faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Context } from './context.ts';

type Hub = Pick<Context, 'db' | 'log'>;

/** Nobody looks at a button for longer than this. */
const maxWaitMs = 3000;
const againMs = 1000;
/** A receipt more or less does no harm; a list that grows for ever does. */
const maxWaiting = 1000;

/** Before a change: waits while another process writes, without holding up anybody, and then says why it cannot be. */
export async function requireWritable({ db }: Pick<Context, 'db'>, waitMs = maxWaitMs): Promise<void> {
  try {
    await untilWritable(db, waitMs);
  } catch (error) {
    throw faultErrorOf(error) ?? error;
  }
}

/** What a read may note on its way. It is tried once, without waiting: the same read comes again. */
export function writeQuietly(hub: Hub, what: string, write: (tx: Transaction) => void): boolean {
  try {
    inTransaction(hub.db, write, { waitMs: 0 });
    return true;
  } catch (error) {
    const reason = faultReasonOf(error);
    if (!reason) throw error;
    hub.log('warn', 'write.skipped', { what, reason });
    return false;
  }
}

type Waiting = { writes: (() => boolean)[]; timer: NodeJS.Timeout | undefined };
const waiting = new WeakMap<Context['db'], Waiting>();

/** What a read causes only once: tried again until it is written, as long as the process lives. */
export function writeSoon(hub: Hub, what: string, write: (tx: Transaction) => void): void {
  if (writeQuietly(hub, what, write)) return;
  const list = waiting.get(hub.db) ?? { writes: [], timer: undefined };
  waiting.set(hub.db, list);
  if (list.writes.length >= maxWaiting) list.writes.shift();
  list.writes.push(() => writeLater(hub, what, write));
  list.timer ??= setInterval(() => writeWaiting(hub.db), againMs).unref();
}

/** What could not be written before, in its order; stops at the first that still cannot. */
export function writeWaiting(db: Context['db']): void {
  const list = waiting.get(db);
  if (!list) return;
  while (db.$client.open && list.writes.length > 0 && list.writes[0]!()) list.writes.shift();
  if (db.$client.open && list.writes.length > 0) return;
  clearInterval(list.timer);
  list.timer = undefined;
}

function writeLater(hub: Hub, what: string, write: (tx: Transaction) => void): boolean {
  try {
    return writeQuietly(hub, what, write);
  } catch (error) {
    // It was taken away meanwhile: there is nothing to note any more.
    if (!(error instanceof HubError)) hub.log('error', 'write.failed', { what, message: String(error) });
    return true;
  }
}
