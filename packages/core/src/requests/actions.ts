/** The actions that change a request's status. Each writes the new status, its event and its jobs in one transaction. */
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { rounds } from '@turnover/db/schema/requests';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import type { RequestView } from '@turnover/domain/requests/requests';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { enqueue } from '../jobs.ts';
import { ensureHubKey } from '../hub-key.ts';
import { notifyOfRequest } from './notices.ts';
import { compareWithRoundBefore, refuseUnchanged, type RoundComparison } from './redelivery/unchanged.ts';
import { factsOf, moveRequest, refused } from './transitions.ts';
import { requireGoodDelivery, reviewDelivery, type DeliveryReview } from './rule-checks.ts';
import { viewRequest } from './view.ts';

/**
 * Submits the round, which fixes its files. `review`: the result of `reviewDelivery`, which requests with rules need.
 * `comparison`: that of `compareWithRoundBefore`, which every round but the first needs.
 */
export function submitRequest(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  review: DeliveryReview | null = null,
  comparison: RoundComparison | null = null,
): RequestView {
  const submitted = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, actions.submit.permission);
    // Reports a refusal by the status before problems of the rules.
    const refusal = refuseAction('submit', factsOf(tx, request));
    if (refusal) throw refused(tx, request, refusal, ctx.person.id);
    refuseUnchanged(tx, request, comparison);
    requireGoodDelivery({ db: tx, person: ctx.person }, request, review);
    return submitRound(tx, ctx, request, { by: ctx.person.id, automatic: false });
  });
  crashpoint('submit.afterCommit');
  return viewRequest(ctx, submitted);
}

/** Checks the delivery against its rules and the round before, then submits it. */
export async function reviewAndSubmit(ctx: PersonContext, request: DeliveryRequest): Promise<RequestView> {
  const review = await reviewDelivery(ctx, request);
  return submitRequest(ctx, request, review, await compareWithRoundBefore(ctx.db, request));
}

/** Submits without checks of permission and rules. `automatic`: the hub submits on behalf of `by`, the last deliverer. */
export function submitRound(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  open: DeliveryRequest,
  { by, automatic }: { by: string; automatic: boolean },
): DeliveryRequest {
  const request = moveRequest(tx, ctx, open, 'submit', {
    actorId: automatic ? null : by,
    ...(automatic && { data: { automatic } }),
  });
  const { id, round } = request;
  tx.insert(rounds).values({ requestId: id, number: round, submittedAt: ctx.clock(), submittedBy: by }).run();
  // Reading a receipt writes nothing, so its key is made here.
  ensureHubKey(tx);
  enqueue(tx, ctx, 'processRound', { requestId: id, round }, { dedupeKey: `round:${id}:${round}` });
  // After an automatic submit, nobody is notified of the submit: the hub acted itself, and only the result of processing is
  // news.
  if (!automatic) notifyOfRequest(tx, ctx, 'request.submitted', request, { actorId: by, round });
  return request;
}

export const acceptRequest = movingBy('accept');
export const reopenRequest = movingBy('reopen');
export const cancelRequest = movingBy('cancel');
export const restoreRequest = movingBy('restore');

const noticeOf = {
  accept: 'request.accepted',
  reopen: 'request.reopened',
  cancel: 'request.cancelled',
  restore: 'request.restored',
} as const;

/** Actions that change the status and need nothing else. */
export type PlainMove = keyof typeof noticeOf;

function movingBy(action: PlainMove) {
  return (ctx: PersonContext, { id }: Pick<DeliveryRequest, 'id'>): RequestView => {
    const moved = inTransaction(ctx.db, (tx) =>
      moveIn(tx, ctx, loadRequest(tx, ctx.person, id, actions[action].permission), action),
    );
    return viewRequest(ctx, moved);
  };
}

/** Changes the status and notifies people. Throws a refusal before it writes anything. */
export function moveIn(
  tx: Transaction,
  ctx: PersonContext,
  before: DeliveryRequest,
  action: PlainMove,
): DeliveryRequest {
  const actorId = ctx.person.id;
  const request = moveRequest(tx, ctx, before, action, { actorId });
  notifyOfRequest(tx, ctx, noticeOf[action], request, { actorId });
  return request;
}
