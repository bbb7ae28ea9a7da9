/** Reminders: a coordinator reminds the assignees of a request, once a day. */
import { eq } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { requests } from '@turnover/db/schema/requests';
import { HubError } from '@turnover/domain/errors';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import { isReminded, type ReminderView } from '@turnover/domain/requests/requests';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { notifyOfRequest } from './notices.ts';
import { fulfillersOf } from './people.ts';
import { contentFacts, refused } from './transitions.ts';

/** Throws `already_reminded` within a day of the last reminder, and `nobody_assigned` when there is nobody to remind. */
export function remindAssignees(ctx: PersonContext, { id }: Pick<DeliveryRequest, 'id'>): ReminderView {
  const now = ctx.clock();
  const actorId = ctx.person.id;
  return inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, actions.remind.permission);
    const refusal = refuseAction('remind', contentFacts(request));
    if (refusal) throw refused(tx, request, refusal, actorId);
    if (isReminded(request.remindedAt, now)) {
      throw new HubError('already_reminded', 'They have been reminded within a day.', {
        at: request.remindedAt,
        of: 'request',
      });
    }
    if (fulfillersOf(tx, request).length === 0)
      throw new HubError('nobody_assigned', 'Nobody is assigned. Assign it first.');
    tx.update(requests).set({ remindedAt: now }).where(eq(requests.id, id)).run();
    const { projectId, dueAt } = request;
    appendEvent(tx, ctx.clock, { kind: 'request.reminded', projectId, requestId: id, actorId });
    notifyOfRequest(tx, ctx, 'request.reminder', request, { actorId, dueAt });
    return { remindedAt: now };
  });
}
