/** Creates, describes, assigns and promises requests. Changes of their status are in `actions.ts`. */
import { eq } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { requests } from '@turnover/db/schema/requests';
import type { EventData, EventKind } from '@turnover/domain/events';
import { refuseAction } from '@turnover/domain/requests/actions';
import type {
  AssigneeInput,
  AssignRequestInput,
  CreateRequestInput,
  PromiseInput,
  RequestView,
  SetTypeInput,
  UpdateRequestInput,
} from '@turnover/domain/requests/requests';
import { loadProject, loadRequest, type DeliveryRequest } from '../access.ts';
import { assigneesOf, isAssignable, requireAssignable, setAssignees } from './assignees.ts';
import { queueSubmitCheck } from './submit-trigger.ts';
import type { PersonContext } from '../context.ts';
import { changedFields, recordEdit, requireRevision } from '../edits.ts';
import { appendEvent } from '../events.ts';
import { notifyAssigned, notifyOfRequest } from './notices.ts';
import { fulfillersOf } from './people.ts';
import { contentFacts, refused } from './transitions.ts';
import { findType, requireType, rulesOfVersion } from './types.ts';
import { viewRequest } from './view.ts';

export function createRequest(ctx: PersonContext, input: CreateRequestInput): RequestView {
  const request = inTransaction(ctx.db, (tx) => insertRequest(tx, ctx, input));
  return viewRequest(ctx, request);
}

/** Copies a request without files, promise and history. Skips assignees who are no longer eligible, and an archived type. */
export function duplicateRequest(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { name, dueAt }: Pick<CreateRequestInput, 'name' | 'dueAt'>,
): RequestView {
  const copy = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:update');
    const { projectId, description, demandsManifest, automaticSubmit } = request;
    const assignees = (assigneesOf(tx, [id]).get(id) ?? [])
      .map((each): AssigneeInput => (each.type === 'person' ? { userId: each.id } : { companyId: each.id }))
      .filter((assignee) => isAssignable(tx, projectId, assignee));
    const type = request.typeId === null ? undefined : findType(tx, request.typeId);
    const typeId = type?.archivedAt === null ? type.id : null;
    const facts = { projectId, name, description, dueAt, demandsManifest, automaticSubmit };
    return insertRequest(tx, ctx, { ...facts, typeId, assignees });
  });
  return viewRequest(ctx, copy);
}

/** Sets another type, or the newest version of the present one. Does not check the files: the next submit does. */
export function setRequestType(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { typeId, revision }: Pick<SetTypeInput, 'typeId' | 'revision'>,
): RequestView {
  const changed = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:update');
    requireRevision(tx, ctx, request, revision);
    const refusal = refuseAction('add', contentFacts(request));
    if (refusal) throw refused(tx, request, refusal, ctx.person.id);
    const type = typeId === null ? null : requireType(tx, request.projectId, typeId);
    const rules = type && rulesOfVersion(tx, type.id, type.version);
    const updated = change(tx, ctx, id, {
      typeId,
      typeVersion: type?.version ?? null,
      ...(rules && { demandsManifest: rules.demandsManifest, automaticSubmit: rules.automaticSubmit }),
    });
    recordEdit(tx, ctx, id, [
      'type',
      ...changedFields(request, updated, ['demandsManifest', 'automaticSubmit']),
    ]);
    recordChange(tx, ctx, request, 'request.updated', { changed: ['type'], type: type?.name ?? null });
    queueSubmitCheck(tx, ctx, updated);
    return updated;
  });
  return viewRequest(ctx, changed);
}

export function getRequest(ctx: PersonContext, requestId: string): RequestView {
  return viewRequest(ctx, loadRequest(ctx.db, ctx.person, requestId, 'request:view'));
}

type RequestFields = Omit<UpdateRequestInput, 'requestId' | 'revision'>;

export function updateRequest(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { revision, ...fields }: Omit<UpdateRequestInput, 'requestId'>,
): RequestView {
  const changed = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:update');
    requireRevision(tx, ctx, request, revision);
    return updateIn(tx, ctx, request, fields);
  });
  return viewRequest(ctx, changed);
}

/** Changes the given fields. Records one event, or none when nothing changes. */
export function updateIn(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  { name, description, dueAt, demandsManifest, automaticSubmit }: RequestFields,
): DeliveryRequest {
  const wanted = Object.entries({ name, description, dueAt, demandsManifest, automaticSubmit });
  const changes = wanted.filter(
    ([field, value]) => value !== undefined && value !== request[field as keyof DeliveryRequest],
  );
  if (changes.length === 0) return request;
  const updated = change(tx, ctx, request.id, Object.fromEntries(changes));
  const fields = changes.map(([field]) => field);
  recordEdit(tx, ctx, request.id, fields);
  recordChange(tx, ctx, request, 'request.updated', { changed: fields });
  if (automaticSubmit || demandsManifest !== undefined) queueSubmitCheck(tx, ctx, updated);
  return updated;
}

/**
 * Records when the assignee promises to deliver, in epoch milliseconds; null takes the promise back. Throws `status_forbids`
 * once the request is submitted.
 */
export function promiseDate(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { promisedAt, reason, revision }: Omit<PromiseInput, 'requestId'>,
): RequestView {
  const promised = inTransaction(ctx.db, (tx) => {
    const before = loadRequest(tx, ctx.person, id, 'request:promise');
    requireRevision(tx, ctx, before, revision);
    const refusal = refuseAction('promise', contentFacts(before));
    if (refusal) throw refused(tx, before, refusal, ctx.person.id);
    if (before.promisedAt === promisedAt && before.promiseReason === reason) return before;
    const request = change(tx, ctx, id, { promisedAt, promiseReason: reason });
    recordEdit(tx, ctx, id, changedFields(before, request, ['promisedAt', 'promiseReason']));
    recordChange(tx, ctx, request, 'request.promised', { promisedAt, reason });
    const { dueAt } = request;
    notifyOfRequest(tx, ctx, 'request.promised', request, {
      actorId: ctx.person.id,
      promisedAt,
      dueAt,
      note: reason,
    });
    return request;
  });
  return viewRequest(ctx, promised);
}

export function assignRequest(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { assignees, revision }: Pick<AssignRequestInput, 'assignees' | 'revision'>,
): RequestView {
  const assigned = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:assign');
    requireRevision(tx, ctx, request, revision);
    return assignIn(tx, ctx, request, assignees);
  });
  return viewRequest(ctx, assigned);
}

/**
 * Replaces the assignees and notifies the new ones. Throws `status_forbids` unless files can be added. Checks everything
 * before it writes.
 */
export function assignIn(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  assignees: readonly AssigneeInput[],
): DeliveryRequest {
  const refusal = refuseAction('assign', contentFacts(request));
  if (refusal) throw refused(tx, request, refusal, ctx.person.id);
  requireAssignable(tx, request.projectId, assignees);
  assign(tx, ctx, request, assignees);
  recordEdit(tx, ctx, request.id, ['assignees']);
  return change(tx, ctx, request.id);
}

/** Creates a request. Checks everything before it writes, so callers may catch its errors inside the transaction. */
export function insertRequest(
  tx: Transaction,
  ctx: PersonContext,
  { assignees, typeId, demandsManifest, automaticSubmit, ...facts }: CreateRequestInput,
): DeliveryRequest {
  loadProject(tx, ctx.person, facts.projectId, 'request:create');
  const type = typeId === null ? null : requireType(tx, facts.projectId, typeId);
  requireAssignable(tx, facts.projectId, assignees);
  const rules = type && rulesOfVersion(tx, type.id, type.version);
  const now = ctx.clock();
  const request = tx
    .insert(requests)
    .values({
      ...facts,
      id: ctx.newId('request'),
      status: 'open',
      typeId,
      typeVersion: type?.version ?? null,
      demandsManifest: demandsManifest ?? rules?.demandsManifest ?? false,
      automaticSubmit: automaticSubmit ?? rules?.automaticSubmit ?? false,
      createdBy: ctx.person.id,
      createdAt: now,
      updatedAt: now,
    })
    .returning()
    .get();
  recordChange(tx, ctx, request, 'request.created', { name: request.name });
  if (assignees.length > 0) assign(tx, ctx, request, assignees);
  return request;
}

/** Writes the fields and returns the new row. */
function change(
  tx: Transaction,
  ctx: PersonContext,
  id: string,
  fields: Partial<DeliveryRequest> = {},
): DeliveryRequest {
  return tx
    .update(requests)
    .set({ ...fields, updatedAt: ctx.clock() })
    .where(eq(requests.id, id))
    .returning()
    .get()!;
}

function assign(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  assignees: readonly AssigneeInput[],
): void {
  const before = fulfillersOf(tx, request);
  setAssignees(tx, ctx, request, assignees, ctx.person.id);
  notifyAssigned(tx, ctx, request, before, ctx.person.id);
}

function recordChange(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
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
