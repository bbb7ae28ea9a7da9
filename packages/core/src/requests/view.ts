/** Views of requests, with what the reader can do, and why not. */
import { and, count, eq, isNull, sum } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { requestTypes } from '@turnover/db/schema/request-types';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { dueBucket } from '@turnover/domain/requests/due-buckets';
import { decide } from '@turnover/domain/people/permissions';
import { possibleActions, refuseOffer, rowOf, type RequestFacts } from '@turnover/domain/requests/actions';
import { isBeingProcessed } from '@turnover/domain/requests/machine';
import type { RequestSummaryView, RequestView } from '@turnover/domain/requests/requests';
import { seesOwnFilesOnly, relationTo, type DeliveryRequest } from '../access.ts';
import { assigneesOf } from './assignees.ts';
import type { Person, PersonContext } from '../context.ts';
import { revisionsOf } from '../edits.ts';
import { everyFile, hasLiveStage } from './files/remove.ts';
import { inList } from '../in-list.ts';
import { summariseManifests } from '../manifests/view.ts';
import { viewPeople } from '../people/person-view.ts';
import { processingForecast } from './processing/forecast.ts';
import { processingOf } from './processing/view.ts';
import { latestRedelivery } from './redelivery/view.ts';
import { factsOf } from './transitions.ts';
import { findType, rulesOfVersion } from './types.ts';
import { overridesOf } from './rule-overrides.ts';
import { visibleOverrides } from './visible-problems.ts';

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
    overrides: visibleOverrides(ctx, request, overridesOf(db, request.id)),
    ownFilesOnly: seesOwnFilesOnly(db, person, request.projectId),
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

/** Views for lists. All `rows` must be of one project. */
export function summarise(
  { db, person, clock }: Pick<PersonContext, 'db' | 'person' | 'clock'>,
  projectId: string,
  rows: readonly DeliveryRequest[],
): RequestSummaryView[] {
  const ids = rows.map(({ id }) => id);
  const assignees = assigneesOf(db, ids);
  const types = typeNames(db, rows);
  const revisions = revisionsOf(db, ids);
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
    revision: revisions.get(request.id) ?? 0,
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

/** For each action, null when the reader can do it now, or the reason why not. */
function possibleFor(
  db: Reader,
  person: Person,
  request: DeliveryRequest,
  facts: RequestFacts,
): RequestView['possible'] {
  const relation = relationTo(db, person, request);
  const isProcessing = isBeingProcessed(facts.status);
  const ofChosen = { ...facts, isProcessing };
  const ofAll = { ...facts, isProcessing: isProcessing || hasLiveStage(db, request, everyFile) };
  const answers = possibleActions.map((action) => {
    const { permission, touches } = rowOf(action);
    if (permission === null || decide(permission, relation) !== 'granted')
      return [action, { code: 'forbidden', details: { permission } }];
    return [action, refuseOffer(action, touches === 'all' ? ofAll : ofChosen)];
  });
  return Object.fromEntries(answers) as RequestView['possible'];
}

/** Counts only the person's own files, for roles that see no others. */
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
