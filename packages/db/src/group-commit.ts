/**
 * Groups many small changes into one commit. A commit waits for the disk, so changes that arrive while one runs are written
 * together by the next one. Each change has its own savepoint, so that a refused change does not affect the others.
 */
import { HubError } from '@turnover/domain/errors';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Database, Transaction } from './open.ts';
import { inTransaction, recorded } from './transaction.ts';

/**
 * Data that the changes of one commit share: results of reads that none of the changes alters. A change that may still be
 * refused must not store anything here.
 */
export type Shared = Map<string, unknown>;

type Write = (tx: Transaction, shared: Shared) => unknown;
type Waiting = { write: Write; resolve: (value: never) => void; reject: (error: unknown) => void };
type Outcome = { value: unknown } | { error: unknown };

/**
 * The most work in one group, because the rest of the process waits for it. Measured in processor time: by the clock, groups
 * would become smaller on a busy machine, and cost more.
 */
const maxGroupMicroseconds = 15_000;

/** The change of each caller calls its own recorder, so the group calls none. */
const aside = { isSideEffect: true };

/** By connection, because a connection may have several handles. */
const queues = new WeakMap<Database['$client'], Waiting[]>();

/** Resolves when the change is committed. Rejects when `write` throws; then none of its writes remain. */
export function commitTogether<Result>(
  db: Database,
  write: (tx: Transaction, shared: Shared) => Result extends PromiseLike<unknown> ? never : Result,
): Promise<Result> {
  const whole = recorded(db, write as Write);
  return new Promise<Result>((resolve, reject) => {
    const queue = queues.get(db.$client) ?? [];
    queues.set(db.$client, queue);
    queue.push({ write: whole.write, resolve, reject });
    if (queue.length === 1) setImmediate(() => commitNext(db, queue));
  }).then((result) => {
    whole.committed();
    return result;
  });
}

/** Commits one group. Yields to the event loop before the next one. */
function commitNext(db: Database, queue: Waiting[]): void {
  const { group, outcomes } = commitGroup(db, queue);
  queue.splice(0, group.length);
  if (queue.length > 0) setImmediate(() => commitNext(db, queue));
  for (const [index, { resolve, reject }] of group.entries()) {
    const outcome = outcomes[index]!;
    if ('error' in outcome) reject(outcome.error);
    else resolve(outcome.value as never);
  }
}

function commitGroup(db: Database, queue: readonly Waiting[]): { group: Waiting[]; outcomes: Outcome[] } {
  let group: Waiting[] = [];
  try {
    const outcomes = inTransaction(
      db,
      (tx) => {
        // Measured inside the transaction, because a full disk runs it again.
        const before = process.threadCpuUsage();
        const shared: Shared = new Map();
        const done: Outcome[] = [];
        group = [];
        for (const waiting of queue) {
          if (group.length > 0 && spentSince(before) > maxGroupMicroseconds) break;
          group.push(waiting);
          done.push(attempt(tx, waiting.write, shared));
        }
        return done;
      },
      aside,
    );
    return { group, outcomes };
  } catch (error) {
    if (group.length === 0) group = queue.slice(0, 1);
    return {
      group,
      outcomes: group.length === 1 || isOfAll(error) ? group.map(() => ({ error })) : alone(db, group),
    };
  }
}

function spentSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

/** Runs one change in a savepoint. A `HubError` fails only this change; any other error may have ended the transaction. */
function attempt(tx: Transaction, write: Write, shared: Shared): Outcome {
  let first: { error: unknown } | undefined;
  try {
    const value = tx.transaction((part) => {
      try {
        return write(part, shared);
      } catch (error) {
        first = { error };
        throw error;
      }
    });
    return { value };
  } catch (error) {
    // A full disk ends the whole transaction. Then returning to the savepoint fails too, with an error that hides the cause.
    if (first && first.error !== error) throw first.error;
    if (error instanceof HubError) return { error };
    throw error;
  }
}

function alone(db: Database, group: readonly Waiting[]): Outcome[] {
  return group.map(({ write }) => {
    try {
      return { value: inTransaction(db, (tx) => write(tx, new Map()) as undefined, aside) };
    } catch (error) {
      return { error };
    }
  });
}

/** Whether the error concerns the whole database (the disk, or another process), so that each change alone would fail too. */
function isOfAll(error: unknown): boolean {
  return faultReasonOf(error) !== undefined;
}
