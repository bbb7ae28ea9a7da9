/**
 * Many small changes share one commit. A commit waits for the disk, so changes that come while one runs are written together by
 * the next one. Each has its own savepoint: one that is refused takes nothing of the others with it.
 */
import { HubError } from '@turnover/domain/errors';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Database, Transaction } from './open.ts';
import { inTransaction } from './transaction.ts';

/**
 * What the changes of one commit share: something that the first of them has looked up, and that none of the others alters. A change
 * that may still be refused must not leave anything there.
 */
export type Shared = Map<string, unknown>;

type Write = (tx: Transaction, shared: Shared) => unknown;
type Waiting = { write: Write; resolve: (value: never) => void; reject: (error: unknown) => void };
type Outcome = { value: unknown } | { error: unknown };

/**
 * A group takes no further change after this much work, because everything else of the process waits for it. In processor time:
 * on a busy machine, groups would otherwise get smaller, and cost more.
 */
const maxGroupMicroseconds = 15_000;

const queues = new WeakMap<Database, Waiting[]>();

/** Resolves when the change is committed. Rejects when `write` throws; then nothing of it remains. */
export function commitTogether<Result>(
  db: Database,
  write: (tx: Transaction, shared: Shared) => Result extends PromiseLike<unknown> ? never : Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const queue = queues.get(db) ?? [];
    queues.set(db, queue);
    queue.push({ write, resolve, reject });
    if (queue.length === 1) setImmediate(() => commitNext(db, queue));
  });
}

/** Others get their turn of the event loop between two groups. */
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
    const outcomes = inTransaction(db, (tx) => {
      // Counted inside, because a full disk runs this again.
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
    });
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

/** A refusal concerns one change. Anything else may have ended the transaction. */
function attempt(tx: Transaction, write: Write, shared: Shared): Outcome {
  try {
    return { value: tx.transaction((part) => write(part, shared)) };
  } catch (error) {
    if (error instanceof HubError) return { error };
    throw error;
  }
}

function alone(db: Database, group: readonly Waiting[]): Outcome[] {
  return group.map(({ write }) => {
    try {
      return { value: inTransaction(db, (tx) => write(tx, new Map()) as undefined) };
    } catch (error) {
      return { error };
    }
  });
}

/** The disk or another process is the cause, so each change alone would fail as well. */
function isOfAll(error: unknown): boolean {
  return faultReasonOf(error) !== undefined;
}
