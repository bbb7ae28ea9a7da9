/** Asks for redeliveries: stores the reasons and findings, and opens the next round. */
import { inTransaction } from '@turnover/db/transaction';
import { redeliveries } from '@turnover/db/schema/requests';
import type { FindingInput } from '@turnover/domain/requests/findings';
import type { AskForRedeliveryInput, RequestView } from '@turnover/domain/requests/requests';
import { loadRequest, relationTo, requirePermission, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { everyFile } from '../files/remove.ts';
import { removeSelected } from '../files/remove-many.ts';
import { insertFindings } from './findings.ts';
import { ownNamesOf, requireReasons } from './reasons.ts';
import { notifyOfRequest } from '../notices.ts';
import { currentRequest, moveRequest } from '../transitions.ts';
import { viewRequest } from '../view.ts';

type RedeliveryInput = Omit<AskForRedeliveryInput, 'requestId' | 'pins'> & { pins?: readonly FindingInput[] };

/** Throws `reason_required` without a reason, or without a comment when a reason requires one. */
export function askForRedelivery(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  input: RedeliveryInput,
): RequestView {
  const { comment, clearExisting, pins = [] } = input;
  // The reasons of findings count as reasons too.
  const reasons = [...new Set([...input.reasons, ...pins.map(({ reason }) => reason)])];
  const opened = inTransaction(ctx.db, (tx) => {
    requireReasons(tx, reasons, comment);
    const before = loadRequest(tx, ctx.person, id, 'request:askForRedelivery');
    if (clearExisting) requirePermission('file:clear', relationTo(tx, ctx.person, before));
    const actorId = ctx.person.id;
    const data = { reasons, comment, cleared: clearExisting };
    const request = moveRequest(tx, ctx, before, 'askForRedelivery', { actorId, data });
    const redeliveryId = ctx.newId('redelivery');
    tx.insert(redeliveries)
      .values({
        id: redeliveryId,
        requestId: id,
        round: before.round,
        askedBy: actorId,
        askedAt: ctx.clock(),
        reasons,
        comment,
        cleared: clearExisting,
      })
      .run();
    insertFindings(tx, ctx, before, redeliveryId, pins);
    notifyOfRequest(tx, ctx, 'request.redelivery', request, {
      actorId,
      round: before.round,
      reasons,
      reasonNames: ownNamesOf(tx, reasons),
      findings: pins.length,
      note: comment,
    });
    if (!clearExisting) return request;
    removeSelected(tx, ctx, request, everyFile, { removal: 'cleared', actorId });
    return currentRequest(tx, id);
  });
  return viewRequest(ctx, opened);
}
