/** Claims several jobs of one kind together: each has its own row, lease and claims, but they share transactions. */
import { and, eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { jobs } from '@turnover/db/schema/jobs';
import { jobs as definitions } from '@turnover/domain/server/jobs';
import type { Context } from './context.ts';
import { inList } from './in-list.ts';
import { jobFrom, type Job } from './jobs.ts';

/** Claims these waiting jobs of the same kind together with `first`, under its token. */
export function claimAlong<Kind extends Job>(
  tx: Transaction,
  ctx: Context,
  first: Kind,
  ids: readonly string[],
): Kind[] {
  const { kind, leaseToken } = first;
  const leaseUntil = ctx.clock() + definitions[kind].leaseMs;
  const rows = tx
    .update(jobs)
    .set({ status: 'running', claims: 1, leaseToken, leaseUntil })
    .where(and(inList(jobs.id, ids), eq(jobs.status, 'waiting'), eq(jobs.kind, kind), eq(jobs.claims, 0)))
    .returning()
    .all();
  return [first, ...(rows.map(jobFrom) as Kind[])];
}

/** The jobs that the worker still holds. All jobs of a bunch have the same token. */
export function heldAmong<Kind extends Job>(tx: Transaction, bunch: readonly Kind[]): Kind[] {
  const rows = tx.select({ id: jobs.id }).from(jobs).where(isHeld(bunch)).all();
  const held = new Set(rows.map(({ id }) => id));
  return bunch.filter(({ id }) => held.has(id));
}

export function completeAll(tx: Transaction, ctx: Context, held: readonly Job[]): void {
  tx.update(jobs)
    .set({ status: 'done', finishedAt: ctx.clock(), leaseToken: null, leaseUntil: null })
    .where(isHeld(held))
    .run();
}

/** Ends failed attempts. The jobs keep their number of claims, so that each is claimed alone from now on. */
export function putBack(tx: Transaction, ctx: Context, held: readonly Job[]): void {
  const now = ctx.clock();
  tx.update(jobs)
    .set({ status: 'waiting', runAt: now, turnAt: now, leaseToken: null, leaseUntil: null })
    .where(isHeld(held))
    .run();
}

function isHeld(bunch: readonly Job[]) {
  const ids = bunch.map(({ id }) => id);
  return and(
    inList(jobs.id, ids),
    eq(jobs.status, 'running'),
    eq(jobs.leaseToken, bunch[0]?.leaseToken ?? ''),
  );
}
