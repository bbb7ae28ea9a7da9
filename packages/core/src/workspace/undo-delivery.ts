/** Undoes a delivery from a Workspace. */
import { and, desc, eq, gt, inArray, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { events } from '@turnover/db/schema/events';
import { deliveredFiles, ruleOverrides } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { EventKind } from '@turnover/domain/events';
import { refuseAction } from '@turnover/domain/requests/actions';
import type { UndoneAddView } from '@turnover/domain/requests/from-workspace';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { changeCounters, sumFiles, takeOutFiles } from '../requests/files/remove.ts';
import { recordRestored } from '../requests/files/restore.ts';
import { contentFacts, refused } from '../requests/transitions.ts';

/** Events after which a delivery can no longer be undone. */
const changes: readonly EventKind[] = [
  'file.added',
  'file.renamed',
  'file.removed',
  'file.cleared',
  'file.replaced',
  'file.restored',
  'request.submitted',
  'request.redeliveryAsked',
  'request.cancelled',
  'request.restored',
];

/**
 * Removes the files that `addFromWorkspace` added, and restores those that it replaced or cleared. `eventId`: the event id
 * that `addFromWorkspace` returned. Throws `conflict` when the files of the request or its status have changed since.
 */
export function undoAdd(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  eventId: number,
): UndoneAddView {
  return inTransaction(ctx.db, (tx) => {
    // Needs `file:add` only: people may remove what they just added, even if they may not remove other files.
    const request = loadRequest(tx, ctx.person, id, 'file:add');
    const refusal = refuseAction('add', contentFacts(request));
    if (refusal) throw refused(tx, request, refusal, ctx.person.id);
    const event = tx
      .select()
      .from(events)
      .where(and(eq(events.id, eventId), eq(events.requestId, id), eq(events.actorId, ctx.person.id)))
      .get();
    if (event?.kind !== 'file.added' || event.data.fromWorkspace !== true) throw tooLate(null);
    refuseLater(tx, id, eventId);
    const addedThen = and(
      eq(deliveredFiles.requestId, id),
      eq(deliveredFiles.deliveredBy, ctx.person.id),
      eq(deliveredFiles.addedAt, event.at),
      isNull(deliveredFiles.removedAt),
    );
    const fileIds = tx.select({ id: deliveredFiles.id }).from(deliveredFiles).where(addedThen).all();
    // `refuseLater` misses rejected files, because the event of a rejection has no file id. The count finds them.
    if (fileIds.length !== event.data.count) throw tooLate(null);
    const selection = { fileIds: fileIds.map((file) => file.id) };
    const removed = takeOutFiles(tx, ctx, request, selection, { removal: 'removed', actorId: ctx.person.id });
    const restored = bringBack(tx, ctx, request, event.at);
    tx.delete(ruleOverrides)
      .where(
        and(
          eq(ruleOverrides.requestId, id),
          eq(ruleOverrides.by, ctx.person.id),
          eq(ruleOverrides.at, event.at),
        ),
      )
      .run();
    return { removed, restored };
  });
}

function refuseLater(tx: Transaction, requestId: string, eventId: number): void {
  const later = tx
    .select({ by: users.name })
    .from(events)
    .leftJoin(users, eq(users.id, events.actorId))
    .where(and(eq(events.requestId, requestId), gt(events.id, eventId), inArray(events.kind, [...changes])))
    .orderBy(desc(events.id))
    .limit(1)
    .get();
  if (later) throw tooLate(later.by);
}

function tooLate(by: string | null): HubError {
  return new HubError('changed_meanwhile', 'The request has changed, so it is too late to undo.', {
    what: 'undo',
    by,
  });
}

/** Restores the files that this person replaced or cleared at `at`. The round is unchanged, so the rows can be used again. */
function bringBack(tx: Transaction, ctx: PersonContext, request: DeliveryRequest, at: number): number {
  const gone = and(
    eq(deliveredFiles.requestId, request.id),
    eq(deliveredFiles.removedBy, ctx.person.id),
    eq(deliveredFiles.removedAt, at),
    eq(deliveredFiles.removedRound, request.round),
    inArray(deliveredFiles.removal, ['replaced', 'cleared']),
    isNull(deliveredFiles.purgedAt),
  );
  const { total, byDeliverer } = sumFiles(tx, gone);
  for (const { deliveredBy, files, names } of byDeliverer) {
    recordRestored(tx, ctx, request, { deliveredBy, count: files, names });
  }
  tx.update(deliveredFiles)
    .set({ removedAt: null, removedRound: null, removedBy: null, removal: null })
    .where(gone)
    .run();
  if (total.files > 0) changeCounters(tx, ctx, request.id, total);
  return total.files;
}
