/** Requests as they are told: to each reader with what they could do, and why not. */
import { and, count, eq, isNull, sum } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { decide, grants, type Permission } from '@turnover/domain/permissions';
import {
  isBeingProcessed,
  refuseContentAction,
  refuseRequestAction,
  type Refusal,
  type RequestFacts,
} from '@turnover/domain/request-machine';
import type { PossibleAction, RequestSummaryView, RequestView } from '@turnover/domain/requests';
import { roleIn, standingTo, type Request } from './access.ts';
import { assigneesOf } from './assignees.ts';
import type { Person, PersonContext } from './context.ts';
import { inList } from './in-list.ts';
import { viewPeople } from './person-views.ts';
import { processingOf } from './processing-views.ts';
import { latestRedelivery } from './redelivery-view.ts';
import { factsOf } from './request-transitions.ts';

export function viewRequest({ db, person, clock }: PersonContext, request: Request): RequestView {
  const facts = factsOf(db, request);
  return {
    ...summarise(db, person, request.projectId, [request])[0]!,
    description: request.description,
    promiseReason: request.promiseReason,
    demandsManifest: request.demandsManifest,
    withChecksum: facts.withChecksum,
    createdBy: viewPeople(db, [request.createdBy]).get(request.createdBy)!,
    processing: processingOf(db, request, clock()),
    redelivery: latestRedelivery(db, request.id),
    possible: possibleFor(db, person, request, facts),
  };
}

/** Requests of one project, as rows of a list. */
export function summarise(
  db: Reader,
  person: Person,
  projectId: string,
  rows: readonly Request[],
): RequestSummaryView[] {
  const ids = rows.map(({ id }) => id);
  const assignees = assigneesOf(db, ids);
  const role = roleIn(db, person, projectId);
  const seesOwnFilesOnly = role !== null && grants[role]['file:view'] === 'own';
  const own = seesOwnFilesOnly ? countOwnFiles(db, person, ids) : null;
  return rows.map((request) => ({
    id: request.id,
    projectId: request.projectId,
    name: request.name,
    status: request.status,
    round: request.round,
    dueAt: request.dueAt,
    promisedAt: request.promisedAt,
    assignees: assignees.get(request.id) ?? [],
    fileCount: own ? (own.get(request.id)?.fileCount ?? 0) : request.fileCount,
    totalBytes: own ? (own.get(request.id)?.totalBytes ?? 0) : request.totalBytes,
    createdAt: request.createdAt,
    updatedAt: request.updatedAt,
  }));
}

type Gate = { permission: Permission; refuse: (facts: RequestFacts) => Refusal | null };

const gates: Record<PossibleAction, Gate> = {
  update: { permission: 'request:update', refuse: () => null },
  promise: { permission: 'request:promise', refuse: () => null },
  assign: { permission: 'request:assign', refuse: (facts) => refuseContentAction('assign', facts) },
  add: { permission: 'file:add', refuse: (facts) => refuseContentAction('add', facts) },
  remove: { permission: 'file:remove', refuse: (facts) => refuseFileChange('remove', facts) },
  clear: {
    permission: 'file:clear',
    refuse: (facts) =>
      refuseFileChange('clear', facts) ??
      (facts.fileCount === 0 ? { code: 'request_empty', details: {} } : null),
  },
  submit: { permission: 'request:submit', refuse: (facts) => refuseRequestAction('submit', facts) },
  accept: { permission: 'request:accept', refuse: (facts) => refuseRequestAction('accept', facts) },
  reopen: { permission: 'request:reopen', refuse: (facts) => refuseRequestAction('reopen', facts) },
  askForRedelivery: {
    permission: 'request:askForRedelivery',
    refuse: (facts) => refuseRequestAction('askForRedelivery', facts),
  },
  cancel: { permission: 'request:cancel', refuse: (facts) => refuseRequestAction('cancel', facts) },
  restore: { permission: 'request:cancel', refuse: (facts) => refuseRequestAction('restore', facts) },
};

function possibleFor(
  db: Reader,
  person: Person,
  request: Request,
  facts: RequestFacts,
): RequestView['possible'] {
  const standing = standingTo(db, person, request);
  const answers = Object.entries(gates).map(([action, { permission, refuse }]) => {
    const mayDoIt = decide(permission, standing) === 'granted';
    return [action, mayDoIt ? refuse(facts) : { code: 'forbidden', details: { permission } }];
  });
  return Object.fromEntries(answers) as RequestView['possible'];
}

function refuseFileChange(action: 'remove' | 'clear', facts: RequestFacts): Refusal | null {
  return refuseContentAction(action, facts, isBeingProcessed(facts.status));
}

/** For roles that know only of the files they delivered themselves. */
function countOwnFiles(
  db: Reader,
  person: Person,
  requestIds: readonly string[],
): Map<string, { fileCount: number; totalBytes: number }> {
  const rows = db
    .select({
      requestId: deliveredFiles.requestId,
      fileCount: count(),
      totalBytes: sum(assets.sizeBytes).mapWith(Number),
    })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(
      and(
        inList(deliveredFiles.requestId, requestIds),
        eq(deliveredFiles.deliveredBy, person.id),
        isNull(deliveredFiles.removedAt),
      ),
    )
    .groupBy(deliveredFiles.requestId)
    .all();
  return new Map(rows.map(({ requestId, ...totals }) => [requestId, totals]));
}
