/** Entries for what people take out of the hub. Sending bytes must not wait for the database, so they are written beside it. */
import { and, eq, gte } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { auditEntries } from '@turnover/db/schema/audit';
import { dayMs } from '@turnover/domain/days';
import type { PersonContext } from '../context.ts';
import { writeSoon } from '../write-gate.ts';
import { recordAct, type Act } from './record.ts';

type Taken = Omit<Act, 'actor'> & { subject: string };

/**
 * Records a download when its first bytes are sent. One entry for each thing, person and day (UTC), however many requests a
 * client makes of it.
 */
export function recordTaken(ctx: PersonContext, taken: Taken): void {
  const now = ctx.clock();
  const today = now - (now % dayMs);
  if (isRecorded(ctx.db, ctx, taken, today)) return;
  writeSoon(ctx, taken.action, (tx) => {
    if (!isRecorded(tx, ctx, taken, today)) recordAct(tx, ctx, { ...taken, actor: ctx.person });
  });
}

function isRecorded(
  db: Reader,
  { person }: PersonContext,
  { action, subject }: Taken,
  since: number,
): boolean {
  const entry = db
    .select({ seq: auditEntries.seq })
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.subject, subject),
        eq(auditEntries.actorId, person.id),
        eq(auditEntries.action, action),
        gte(auditEntries.at, since),
      ),
    )
    .limit(1)
    .get();
  return entry !== undefined;
}

/** Records an export each time, because its content depends on the moment and the filter. */
export function recordExport(ctx: PersonContext, exported: Omit<Act, 'actor'>): void {
  writeSoon(ctx, exported.action, (tx) => recordAct(tx, ctx, { ...exported, actor: ctx.person }));
}
