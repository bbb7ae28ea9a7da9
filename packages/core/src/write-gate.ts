/** Writes while another process holds the database. Changes wait for a short time; reads never wait. */
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { untilWritable } from '@turnover/db/write-lock';
import { HubError } from '@turnover/domain/errors';
import { faultErrorOf, faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Context } from './context.ts';

type Hub = Pick<Context, 'db' | 'log'>;

/** The longest wait for the database. Nobody waits longer for a button. */
const maxWaitMs = 3000;
const againMs = 1000;
/** Losing a receipt does no harm; a list that grows without end does. */
const maxWaiting = 1000;

/**
 * Call before a change. Waits without blocking while another process writes; then throws `unavailable` with the
 * reason.
 */
export async function requireWritable({ db }: Pick<Context, 'db'>, waitMs = maxWaitMs): Promise<void> {
  try {
    await untilWritable(db, waitMs);
  } catch (error) {
    throw faultErrorOf(error) ?? error;
  }
}

/**
 * Writes a side effect of a read, such as the last use of a token. Tries once without waiting, because the read will
 * come again. Returns false and logs a warning when the database is busy.
 */
export function writeQuietly(hub: Hub, what: string, write: (tx: Transaction) => void): boolean {
  try {
    inTransaction(hub.db, write, { waitMs: 0, isSideEffect: true });
    return true;
  } catch (error) {
    const reason = faultReasonOf(error);
    if (!reason) throw error;
    hub.log('warn', 'write.skipped', { what, reason });
    return false;
  }
}

type Waiting = { writes: (() => boolean)[]; timer: NodeJS.Timeout | undefined };
const waiting = new WeakMap<Context['db']['$client'], Waiting>();

/** Writes a side effect that a read causes only once. Retries until it is written or the process ends. */
export function writeSoon(hub: Hub, what: string, write: (tx: Transaction) => void): void {
  if (writeQuietly(hub, what, write)) return;
  const list = waiting.get(hub.db.$client) ?? { writes: [], timer: undefined };
  waiting.set(hub.db.$client, list);
  if (list.writes.length >= maxWaiting) list.writes.shift();
  list.writes.push(() => writeLater(hub, what, write));
  list.timer ??= setInterval(() => writeWaiting(hub.db), againMs).unref();
}

/** Runs the writes that were put off, in order. Stops at the first one that still fails. */
export function writeWaiting(db: Context['db']): void {
  const list = waiting.get(db.$client);
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
    // The thing was deleted meanwhile, so there is nothing to write.
    if (!(error instanceof HubError)) hub.log('error', 'write.failed', { what, message: String(error) });
    return true;
  }
}
