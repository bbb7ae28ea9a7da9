/** Examinations by the worker: once a day, and whenever an owner asks for one. */
import type { Transaction } from '@turnover/db/open';
import { examinations } from '@turnover/db/schema/damages';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import type { Context } from '../context.ts';
import type { StorageCare } from '../storage-care.ts';
import { recordFound } from './damages.ts';
import { examine } from './examine.ts';

type Run = typeof examinations.$inferSelect;

export function lastExamination({ db }: Pick<Context, 'db'>): Run | undefined {
  return db.select().from(examinations).get();
}

/** The worker begins within seconds. */
export function askForExamination(ctx: Context): void {
  inTransaction(ctx.db, (tx) => record(tx, { askedAt: ctx.clock() }));
}

/** Runs an examination if one is due: asked for, interrupted, or a day old. Returns whether it ran. */
export async function examineWhenDue(ctx: Context, care: StorageCare): Promise<boolean> {
  if (!isDue(lastExamination(ctx), ctx.clock())) return false;
  const startedAt = ctx.clock();
  inTransaction(ctx.db, (tx) => record(tx, { askedAt: null, startedAt, endedAt: null }));
  const { files, bytes, damages } = await examine(ctx, care);
  inTransaction(ctx.db, (tx) => {
    recordFound(tx, ctx, damages);
    record(tx, { endedAt: ctx.clock(), files, bytes });
  });
  return true;
}

function isDue(last: Run | undefined, now: number): boolean {
  if (!last || last.startedAt === null || last.endedAt === null) return true;
  // A start in the future means that the clock was set back since.
  return last.askedAt !== null || Math.abs(now - last.startedAt) >= dayMs;
}

function record(tx: Transaction, values: Partial<Run>): void {
  tx.insert(examinations)
    .values({ id: 'doctor', ...values })
    .onConflictDoUpdate({ target: examinations.id, set: values })
    .run();
}
