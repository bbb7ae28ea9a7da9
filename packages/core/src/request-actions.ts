/** What people press in a request's header: each one transaction of the new state, its event and the jobs it starts. */
import { inTransaction } from '@turnover/db/transaction';
import { rounds } from '@turnover/db/schema/requests';
import type { RequestAction } from '@turnover/domain/request-machine';
import type { RequestView } from '@turnover/domain/requests';
import type { Permission } from '@turnover/domain/permissions';
import { loadRequest, type Request } from './access.ts';
import type { PersonContext } from './context.ts';
import { crashpoint } from './crashpoints.ts';
import { enqueue } from './jobs.ts';
import { moveRequest } from './request-transitions.ts';
import { getRequest } from './requests.ts';

/** Closes the round: from now on its files are what was delivered. */
export function submitRequest(ctx: PersonContext, { id }: Pick<Request, 'id'>): RequestView {
  inTransaction(ctx.db, (tx) => {
    loadRequest(tx, ctx.person, id, 'request:submit');
    const { round } = moveRequest(tx, ctx, id, 'submit', { actorId: ctx.person.id });
    tx.insert(rounds)
      .values({ requestId: id, number: round, submittedAt: ctx.clock(), submittedBy: ctx.person.id })
      .run();
    enqueue(tx, ctx, 'processRound', { requestId: id, round }, { dedupeKey: `round:${id}:${round}` });
  });
  crashpoint('submit.afterCommit');
  return getRequest(ctx, id);
}

export const acceptRequest = movingBy('accept', 'request:accept');
export const reopenRequest = movingBy('reopen', 'request:reopen');
export const cancelRequest = movingBy('cancel', 'request:cancel');
export const restoreRequest = movingBy('restore', 'request:cancel');

function movingBy(action: RequestAction, permission: Permission) {
  return (ctx: PersonContext, { id }: Pick<Request, 'id'>): RequestView => {
    inTransaction(ctx.db, (tx) => {
      loadRequest(tx, ctx.person, id, permission);
      moveRequest(tx, ctx, id, action, { actorId: ctx.person.id });
    });
    return getRequest(ctx, id);
  };
}
