/** Changes the status of requests. This is the only writer of `requests.status`, and always checks the table of actions. */
import { and, count, desc, eq, exists, inArray, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { events } from '@turnover/db/schema/events';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import type { EventData, EventKind } from '@turnover/domain/events';
import {
  nextStatus,
  type FileFacts,
  type Refusal,
  type RequestAction,
  type RequestFacts,
} from '@turnover/domain/requests/actions';
import type { DeliveryRequest } from '../access.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';
import { knownTo } from '../known-people.ts';
import { isComparing } from '../manifests/state.ts';
import { countOpen } from './redelivery/open-findings.ts';

/** The event of each transition. */
const eventOf: Record<RequestAction, EventKind> = {
  submit: 'request.submitted',
  startProcessing: 'request.processingStarted',
  finishProcessing: 'request.processed',
  resumeProcessing: 'request.processingResumed',
  accept: 'request.accepted',
  reopen: 'request.reopened',
  askForRedelivery: 'request.redeliveryAsked',
  cancel: 'request.cancelled',
  restore: 'request.restored',
};

type Move = {
  /** Null when the hub itself acts. */
  actorId: string | null;
  data?: EventData;
};

/**
 * Moves the request to its next status and returns the new row, or throws the refusal. A redelivery also opens the next round.
 * `request` must be read in this transaction.
 */
export function moveRequest(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  request: DeliveryRequest,
  action: RequestAction,
  { actorId, data }: Move,
): DeliveryRequest {
  const next = nextStatus(action, factsOf(tx, request));
  if (typeof next !== 'string') throw refused(tx, request, next, actorId);
  const moved = tx
    .update(requests)
    .set({
      status: next,
      round: action === 'askForRedelivery' ? request.round + 1 : request.round,
      updatedAt: ctx.clock(),
    })
    .where(and(eq(requests.id, request.id), eq(requests.status, request.status)))
    .returning()
    .get();
  if (!moved) throw new HubError('conflict', 'The request changed in the meantime.');
  appendEvent(tx, ctx.clock, {
    kind: eventOf[action],
    projectId: request.projectId,
    requestId: request.id,
    actorId,
    data: { round: request.round, ...data },
  });
  return moved;
}

/** Loads the current row of a request that exists: a row that a caller loaded earlier may be out of date. */
export function currentRequest(db: Reader, requestId: string): DeliveryRequest {
  return db.select().from(requests).where(eq(requests.id, requestId)).get()!;
}

/** The facts that the requirements of all actions check. */
export function factsOf(db: Reader, request: DeliveryRequest): RequestFacts {
  return {
    ...contentFacts(request),
    round: request.round,
    fileCount: request.fileCount,
    uploadingCount: countUploading(db, request.id),
    verifyingCount: countVerifying(db, request.id),
    isComparing: request.demandsManifest && isComparing(db, request),
    openBlockers: countOpen(db, request.id).blockers,
  };
}

/** The facts that the requirements of actions on files check. */
export function contentFacts(
  request: Pick<DeliveryRequest, 'status' | 'demandsManifest' | 'manifestCount' | 'removal'>,
): FileFacts {
  const { status, removal, manifestCount } = request;
  const withChecksum = isWithChecksum(request);
  return { status, withChecksum, hasList: manifestCount > 0, isRemoving: removal !== null };
}

/** Whether a checksum list is demanded or present. */
function isWithChecksum(request: Pick<DeliveryRequest, 'demandsManifest' | 'manifestCount'>): boolean {
  return request.demandsManifest || request.manifestCount > 0;
}

/**
 * The error of a refusal. For `status_forbids`, its details state the last change of status (`did`), when it happened, and
 * who made it, as far as the reader may know. A null `by` with `byHub` is the hub itself.
 */
export function refused(
  db: Reader,
  request: Pick<DeliveryRequest, 'id' | 'projectId'>,
  { code, details }: Refusal,
  readerId: string | null,
): HubError {
  const message = `Not possible now: ${code}.`;
  if (code !== 'status_forbids') return new HubError(code, message, details);
  return new HubError(code, message, { ...details, ...lastMove(db, request, readerId) });
}

function lastMove(
  db: Reader,
  { id, projectId }: Pick<DeliveryRequest, 'id' | 'projectId'>,
  readerId: string | null,
): { did: string; by: string | null; byHub: boolean; at: number } | undefined {
  const move = db
    .select({ did: events.kind, actorId: events.actorId, name: users.name, at: events.at })
    .from(events)
    .leftJoin(users, eq(users.id, events.actorId))
    .where(and(eq(events.requestId, id), inArray(events.kind, Object.values(eventOf))))
    .orderBy(desc(events.id))
    .limit(1)
    .get();
  if (!move) return undefined;
  const { did, actorId, name, at } = move;
  const isKnown = actorId !== null && readerId !== null && knownTo(db, readerId, projectId)(actorId);
  return { did, by: isKnown ? name : null, byHub: actorId === null, at };
}

function countUploading(db: Reader, requestId: string): number {
  return db
    .select({ count: count() })
    .from(uploads)
    .where(and(eq(uploads.requestId, requestId), eq(uploads.status, 'uploading')))
    .get()!.count;
}

/**
 * Starts from the few uploads that are being verified, not from up to 75,000 files. The statuses are literals, because SQLite
 * uses a partial index only when the query repeats its condition literally, not with parameters.
 */
function countVerifying(db: Reader, requestId: string): number {
  const inRequest = and(
    eq(deliveredFiles.assetId, uploads.assetId),
    eq(deliveredFiles.requestId, requestId),
    isNull(deliveredFiles.removedAt),
  );
  return db
    .select({ count: count() })
    .from(uploads)
    .where(
      and(
        sql`${uploads.status} in ('uploading', 'verifying') and ${uploads.status} = 'verifying'`,
        exists(db.select({ id: deliveredFiles.id }).from(deliveredFiles).where(inRequest)),
      ),
    )
    .get()!.count;
}
