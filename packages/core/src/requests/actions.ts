/** What people press in a request's header: each one transaction of the new state, its event and the jobs it starts. */
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { rounds } from '@turnover/db/schema/requests';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import type { RequestView } from '@turnover/domain/requests/requests';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { crashpoint } from '../crashpoints.ts';
import { enqueue } from '../jobs.ts';
import { notifyTransition } from './notices.ts';
import { factsOf, moveRequest, refused } from './transitions.ts';
import { requireGoodDelivery, reviewDelivery, type DeliveryReview } from './rule-checks.ts';
import { viewRequest } from './view.ts';

/** Closes the round: from now on its files are what was delivered. `judged`: what `reviewDelivery` found in them. */
export function submitRequest(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  judged: DeliveryReview | null = null,
): RequestView {
  const submitted = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, actions.submit.permission);
    // What the status forbids is told before what the rules ask for.
    const refusal = refuseAction('submit', factsOf(tx, request));
    if (refusal) throw refused(tx, id, refusal);
    requireGoodDelivery({ db: tx, person: ctx.person }, request, judged);
    return submitRound(tx, ctx, request, { by: ctx.person.id, automatic: false });
  });
  crashpoint('submit.afterCommit');
  return viewRequest(ctx, submitted);
}

/** Checks the delivery against its rules, then submits it. */
export async function reviewAndSubmit(ctx: PersonContext, request: DeliveryRequest): Promise<RequestView> {
  return submitRequest(ctx, request, await reviewDelivery(ctx, request));
}

/** `automatic`: the hub does it in the name of whoever delivered last. */
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
  enqueue(tx, ctx, 'processRound', { requestId: id, round }, { dedupeKey: `round:${id}:${round}` });
  notifyTransition(tx, ctx, 'request.submitted', request, { actorId: by, round });
  return request;
}

export const acceptRequest = movingBy('accept');
export const reopenRequest = movingBy('reopen');
export const cancelRequest = movingBy('cancel');
export const restoreRequest = movingBy('restore');

function movingBy(action: 'accept' | 'reopen' | 'cancel' | 'restore') {
  return (ctx: PersonContext, { id }: Pick<DeliveryRequest, 'id'>): RequestView => {
    const moved = inTransaction(ctx.db, (tx) => {
      const before = loadRequest(tx, ctx.person, id, actions[action].permission);
      const actorId = ctx.person.id;
      const request = moveRequest(tx, ctx, before, action, { actorId });
      if (action === 'accept') notifyTransition(tx, ctx, 'request.accepted', request, { actorId });
      return request;
    });
    return viewRequest(ctx, moved);
  };
}
