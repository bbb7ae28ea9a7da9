/** Requests as they are told: to each reader with what they could do, and why not. */
import { and, count, eq, isNull, sum } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { requestTypes } from '@turnover/db/schema/request-types';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { dueBucket } from '@turnover/domain/requests/due-buckets';
import { decide, type Permission } from '@turnover/domain/people/permissions';
import {
  isBeingProcessed,
  refuseContentAction,
  refuseRequestAction,
  type Refusal,
  type RequestFacts,
  type RequestStatus,
} from '@turnover/domain/requests/machine';
import type { PossibleAction, RequestSummaryView, RequestView } from '@turnover/domain/requests/requests';
import { seesOwnFilesOnly, relationTo, type DeliveryRequest } from '../access.ts';
import { assigneesOf } from './assignees.ts';
import type { Person, PersonContext } from '../context.ts';
import { everyFile, hasLiveStage } from './files/remove.ts';
import { inList } from '../in-list.ts';
import { summariseManifests } from '../manifests/view.ts';
import { viewPeople } from '../people/person-view.ts';
import { processingForecast } from './processing/forecast.ts';
import { processingOf } from './processing/view.ts';
import { latestRedelivery } from './redelivery/view.ts';
import { factsOf } from './transitions.ts';
import { findType, rulesOfVersion } from './types.ts';
import { overridesOf } from './rule-checks.ts';

export function viewRequest(ctx: PersonContext, request: DeliveryRequest): RequestView {
  const { db, person, clock } = ctx;
  const facts = factsOf(db, request);
  return {
    ...summarise(ctx, request.projectId, [request])[0]!,
    description: request.description,
    promiseReason: request.promiseReason,
    demandsManifest: request.demandsManifest,
    automaticSubmit: request.automaticSubmit,
    rules: viewRules(db, request),
    overrides: overridesOf(db, request.id),
    isRemoving: facts.isRemoving,
    withChecksum: facts.withChecksum,
    manifests: summariseManifests(ctx, request),
    createdBy: viewPeople(db, [request.createdBy]).get(request.createdBy)!,
    processing: processingOf(db, request, clock()),
    processingForecastAt: processingForecast(db, request, clock()),
    redelivery: latestRedelivery(db, person, request),
    possible: possibleFor(db, person, request, facts),
  };
}

/** Requests of one project, as rows of a list. */
export function summarise(
  { db, person, clock }: Pick<PersonContext, 'db' | 'person' | 'clock'>,
  projectId: string,
  rows: readonly DeliveryRequest[],
): RequestSummaryView[] {
  const ids = rows.map(({ id }) => id);
  const assignees = assigneesOf(db, ids);
  const types = typeNames(db, rows);
  const now = clock();
  const own = seesOwnFilesOnly(db, person, projectId) ? countOwnFiles(db, person, ids) : null;
  return rows.map((request) => ({
    id: request.id,
    projectId: request.projectId,
    name: request.name,
    status: request.status,
    round: request.round,
    dueAt: request.dueAt,
    promisedAt: request.promisedAt,
    bucket: dueBucket({ ...request, now }),
    type: (request.typeId && types.get(request.typeId)) || null,
    assignees: assignees.get(request.id) ?? [],
    fileCount: own ? (own.get(request.id)?.fileCount ?? 0) : request.fileCount,
    totalBytes: own ? (own.get(request.id)?.totalBytes ?? 0) : request.totalBytes,
    createdAt: request.createdAt,
    updatedAt: request.updatedAt,
  }));
}

function viewRules(db: Reader, { typeId, typeVersion: version }: DeliveryRequest): RequestView['rules'] {
  if (typeId === null || version === null) return null;
  const newest = findType(db, typeId)?.version === version;
  return { typeId, version, newest, rules: rulesOfVersion(db, typeId, version) };
}

function typeNames(db: Reader, rows: readonly DeliveryRequest[]): Map<string, { id: string; name: string }> {
  const ids = [...new Set(rows.flatMap(({ typeId }) => typeId ?? []))];
  const found = db
    .select({ id: requestTypes.id, name: requestTypes.name })
    .from(requestTypes)
    .where(inList(requestTypes.id, ids))
    .all();
  return new Map(found.map((type) => [type.id, type]));
}

/** `isProcessing`: one of its files has a live job. */
type Gate = {
  permission: Permission;
  refuse: (facts: RequestFacts, isProcessing: boolean) => Refusal | null;
};

const gates: Record<PossibleAction, Gate> = {
  update: { permission: 'request:update', refuse: () => null },
  promise: { permission: 'request:promise', refuse: () => null },
  comment: { permission: 'request:comment', refuse: () => null },
  assign: { permission: 'request:assign', refuse: (facts) => refuseContentAction('assign', facts) },
  add: { permission: 'file:add', refuse: (facts) => refuseContentAction('add', facts) },
  remove: {
    permission: 'file:remove',
    refuse: (facts) => refuseContentAction('remove', facts, isBeingProcessed(facts.status)),
  },
  clear: {
    permission: 'file:clear',
    refuse: (facts, isProcessing) =>
      refuseContentAction('clear', facts, isProcessing) ??
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
  answer: { permission: 'request:answer', refuse: refuseFindingAction('answer', 'redelivery') },
  check: { permission: 'request:check', refuse: refuseFindingAction('check', 'processed') },
};

/** Findings are answered before the next round is submitted, and ticked off when that is processed. */
function refuseFindingAction(action: 'answer' | 'check', when: RequestStatus): Gate['refuse'] {
  return ({ status }) => (status === when ? null : { code: 'status_forbids', details: { action, status } });
}

function possibleFor(
  db: Reader,
  person: Person,
  request: DeliveryRequest,
  facts: RequestFacts,
): RequestView['possible'] {
  const relation = relationTo(db, person, request);
  const isProcessing = isBeingProcessed(facts.status) || hasLiveStage(db, request, everyFile);
  const answers = Object.entries(gates).map(([action, { permission, refuse }]) => {
    const mayDoIt = decide(permission, relation) === 'granted';
    return [action, mayDoIt ? refuse(facts, isProcessing) : { code: 'forbidden', details: { permission } }];
  });
  return Object.fromEntries(answers) as RequestView['possible'];
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
