/** Requests: made, described, assigned and promised. What moves them on is in `request-actions.ts`. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { requests } from '@turnover/db/schema/requests';
import type { EventData, EventKind } from '@turnover/domain/events';
import { refuseContentAction } from '@turnover/domain/request-machine';
import type {
  AssigneeInput,
  CreateRequestInput,
  PromiseInput,
  RequestView,
  UpdateRequestInput,
} from '@turnover/domain/requests';
import { loadProject, loadRequest, type Request } from './access.ts';
import { setAssignees } from './assignees.ts';
import type { PersonContext } from './context.ts';
import { appendEvent } from './events.ts';
import { isWithChecksum, refused } from './request-transitions.ts';
import { viewRequest } from './request-view.ts';

export function createRequest(ctx: PersonContext, input: CreateRequestInput): RequestView {
  const { assignees, ...facts } = input;
  const requestId = inTransaction(ctx.db, (tx) => {
    loadProject(tx, ctx.person, input.projectId, 'request:create');
    const now = ctx.clock();
    const request = tx
      .insert(requests)
      .values({
        ...facts,
        id: ctx.newId('request'),
        status: 'open',
        createdBy: ctx.person.id,
        createdAt: now,
        updatedAt: now,
      })
      .returning()
      .get();
    tellOf(tx, ctx, request, 'request.created', { name: request.name });
    if (assignees.length > 0) setAssignees(tx, ctx, request, assignees, ctx.person.id);
    return request.id;
  });
  return getRequest(ctx, requestId);
}

export function getRequest(ctx: PersonContext, requestId: string): RequestView {
  return viewRequest(ctx, loadRequest(ctx.db, ctx.person, requestId, 'request:view'));
}

export function updateRequest(
  ctx: PersonContext,
  { id }: Pick<Request, 'id'>,
  { name, description, dueAt }: Omit<UpdateRequestInput, 'requestId'>,
): RequestView {
  inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:update');
    const wanted = Object.entries({ name, description, dueAt });
    const changes = wanted.filter(
      ([field, value]) => value !== undefined && value !== request[field as keyof Request],
    );
    if (changes.length === 0) return;
    tx.update(requests)
      .set({ ...Object.fromEntries(changes), updatedAt: ctx.clock() })
      .where(eq(requests.id, id))
      .run();
    tellOf(tx, ctx, request, 'request.updated', { changed: changes.map(([field]) => field) });
  });
  return getRequest(ctx, id);
}

/** The date the assignee names, beside the due date; null takes the promise back. */
export function promiseDate(
  ctx: PersonContext,
  { id }: Pick<Request, 'id'>,
  { promisedAt, reason }: Omit<PromiseInput, 'requestId'>,
): RequestView {
  inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:promise');
    tx.update(requests)
      .set({ promisedAt, promiseReason: reason, updatedAt: ctx.clock() })
      .where(eq(requests.id, id))
      .run();
    tellOf(tx, ctx, request, 'request.promised', { promisedAt, reason });
  });
  return getRequest(ctx, id);
}

export function assignRequest(
  ctx: PersonContext,
  { id }: Pick<Request, 'id'>,
  assignees: readonly AssigneeInput[],
): RequestView {
  inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:assign');
    const facts = { status: request.status, withChecksum: isWithChecksum(request) };
    const refusal = refuseContentAction('assign', facts);
    if (refusal) throw refused(tx, id, refusal);
    setAssignees(tx, ctx, request, assignees, ctx.person.id);
    tx.update(requests).set({ updatedAt: ctx.clock() }).where(eq(requests.id, id)).run();
  });
  return getRequest(ctx, id);
}

function tellOf(
  tx: Transaction,
  ctx: PersonContext,
  request: Request,
  kind: EventKind,
  data: EventData,
): void {
  appendEvent(tx, ctx.clock, {
    kind,
    projectId: request.projectId,
    requestId: request.id,
    actorId: ctx.person.id,
    data,
  });
}
