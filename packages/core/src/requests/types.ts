/** Request types of a project. Every change of rules makes a version; requests keep the version they were created with. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { projects } from '@turnover/db/schema/projects';
import { requestTypes, requestTypeVersions } from '@turnover/db/schema/request-types';
import { requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import type {
  CreateRequestTypeInput,
  RequestRules,
  RequestTypeView,
  UpdateRequestTypeInput,
} from '@turnover/domain/rules/request-types';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { starterTypes } from '@turnover/domain/rules/starter-types';
import { loadProject, type DeliveryRequest } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { currentRevision, editedMeanwhile, recordEdit, requireRevision, revisionOf } from '../edits.ts';
import { appendEvent } from '../events.ts';

export type RequestType = typeof requestTypes.$inferSelect;

const maxListed = 500;

export function listRequestTypes(
  { db }: PersonContext,
  { projectId, archived }: { projectId: string; archived: boolean },
): RequestTypeView[] {
  return selectTypes(db)
    .where(and(eq(requestTypes.projectId, projectId), archived ? undefined : isNull(requestTypes.archivedAt)))
    .orderBy(asc(requestTypes.nameKey))
    .limit(maxListed)
    .all()
    .map(toView);
}

/** Returns a type, also when it is archived. */
export function getRequestType({ db }: PersonContext, { id }: Pick<RequestType, 'id'>): RequestTypeView {
  return toView(selectTypes(db).where(eq(requestTypes.id, id)).get()!);
}

export function createRequestType(ctx: PersonContext, input: CreateRequestTypeInput): RequestTypeView {
  const id = inTransaction(ctx.db, (tx) => {
    loadProject(tx, ctx.person, input.projectId, 'type:manage');
    requireFreeName(tx, input.projectId, input.name);
    const made = insertType(tx, ctx, input.projectId, input, ctx.person.id);
    signalTypes(tx, ctx, input.projectId);
    return made;
  });
  return getRequestType(ctx, { id });
}

/** Changes a type. Throws `changed_meanwhile` when `version` is no longer the newest. */
export function updateRequestType(
  ctx: PersonContext,
  { id }: Pick<RequestType, 'id'>,
  { version, revision, rules, archived, name, description }: Omit<UpdateRequestTypeInput, 'typeId'>,
): RequestTypeView {
  inTransaction(ctx.db, (tx) => {
    const type = loadRequestType(tx, ctx, id, 'type:manage');
    requireRevision(tx, ctx, type, revision);
    if (type.version !== version) {
      throw editedMeanwhile(tx, ctx.person.id, type, currentRevision(tx, id) - 1);
    }
    if (name !== undefined && nameKey(name) !== type.nameKey) requireFreeName(tx, type.projectId, name);
    const now = ctx.clock();
    const isOther =
      rules !== undefined && JSON.stringify(rules) !== JSON.stringify(rulesOfVersion(tx, id, version));
    const next = isOther ? version + 1 : version;
    const isArchived = type.archivedAt !== null;
    recordEdit(tx, ctx, id, [
      ...(name !== undefined && name !== type.name ? ['name'] : []),
      ...(description !== undefined && description !== type.description ? ['description'] : []),
      ...(isOther ? ['rules'] : []),
      ...(archived !== undefined && archived !== isArchived ? ['archived'] : []),
    ]);
    if (isOther) {
      tx.insert(requestTypeVersions)
        .values({ typeId: id, version: next, rules, createdAt: now, createdBy: ctx.person.id })
        .run();
    }
    tx.update(requestTypes)
      .set({
        version: next,
        updatedAt: now,
        ...(name !== undefined && { name, nameKey: nameKey(name) }),
        ...(description !== undefined && { description }),
        ...(archived !== undefined && { archivedAt: archived ? (type.archivedAt ?? now) : null }),
      })
      .where(eq(requestTypes.id, id))
      .run();
    signalTypes(tx, ctx, type.projectId);
  });
  return getRequestType(ctx, { id });
}

/** Throws `not_found` for types of projects that the person may not see. */
export function loadRequestType(
  db: Reader,
  { person }: PersonContext,
  typeId: string,
  permission: 'type:view' | 'type:manage',
): RequestType {
  const type = findType(db, typeId);
  if (!type) throw notFound();
  loadProject(db, person, type.projectId, permission);
  return type;
}

/** The type for a request of the project. Throws `not_found` for types of other projects, and `invalid_input` for archived ones. */
export function requireType(db: Reader, projectId: string, typeId: string): RequestType {
  const type = findType(db, typeId);
  if (type?.projectId !== projectId) throw notFound();
  if (type.archivedAt !== null) {
    throw new HubError('invalid_input', 'This type is archived. Choose another one.', { field: 'typeId' });
  }
  return type;
}

export function findType(db: Reader, typeId: string): RequestType | undefined {
  return db.select().from(requestTypes).where(eq(requestTypes.id, typeId)).get();
}

/** The rules of the request's version of its type. Null when the request has no type. */
export function rulesOf(
  db: Reader,
  { typeId, typeVersion }: Pick<DeliveryRequest, 'typeId' | 'typeVersion'>,
): RequestRules | null {
  return typeId === null || typeVersion === null ? null : rulesOfVersion(db, typeId, typeVersion);
}

export function rulesOfVersion(db: Reader, typeId: string, version: number): RequestRules {
  const row = db
    .select({ rules: requestTypeVersions.rules })
    .from(requestTypeVersions)
    .where(and(eq(requestTypeVersions.typeId, typeId), eq(requestTypeVersions.version, version)))
    .get();
  if (!row) throw notFound();
  // Parsing adds defaults for fields that are newer than the stored rules.
  return requestRulesSchema.parse(row.rules);
}

/** Adds the starter types to a project without types. */
export function insertStarterTypes(tx: Transaction, ctx: Context, projectId: string): void {
  for (const type of starterTypes) insertType(tx, ctx, projectId, type, null);
}

/**
 * Runs at boot, for projects that were created before request types existed. Returns the number of projects that got the
 * starter types.
 */
export function provideStarterTypes(ctx: Context): number {
  return inTransaction(ctx.db, (tx) => {
    const bare = tx
      .select({ id: projects.id })
      .from(projects)
      .where(sql`not exists (select 1 from ${requestTypes} where ${requestTypes.projectId} = ${projects.id})`)
      .all();
    for (const { id } of bare) insertStarterTypes(tx, ctx, id);
    return bare.length;
  });
}

function insertType(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  { name, description, rules }: Pick<CreateRequestTypeInput, 'name' | 'description' | 'rules'>,
  createdBy: string | null,
): string {
  const id = ctx.newId('requestType');
  const now = ctx.clock();
  tx.insert(requestTypes)
    .values({ id, projectId, name, nameKey: nameKey(name), description, createdAt: now, updatedAt: now })
    .run();
  tx.insert(requestTypeVersions).values({ typeId: id, version: 1, rules, createdAt: now, createdBy }).run();
  return id;
}

function requireFreeName(db: Reader, projectId: string, name: string): void {
  const taken = db
    .select({ name: requestTypes.name })
    .from(requestTypes)
    .where(and(eq(requestTypes.projectId, projectId), eq(requestTypes.nameKey, nameKey(name))))
    .get();
  if (taken)
    throw new HubError('name_taken', `There is already a type called “${taken.name}”.`, { name: taken.name });
}

function signalTypes(tx: Transaction, ctx: PersonContext, projectId: string): void {
  appendEvent(tx, ctx.clock, { kind: 'requestTypes.changed', projectId, actorId: ctx.person.id });
}

function selectTypes(db: Reader) {
  const using = sql`from ${requests} where ${requests.typeId} = ${requestTypes.id}`;
  return db
    .select({
      type: requestTypes,
      revision: revisionOf(requestTypes.id),
      rules: requestTypeVersions.rules,
      requests: sql<number>`(select count(*) ${using})`,
      outdatedRequests: sql<number>`(select count(*) ${using} and ${requests.typeVersion} < ${requestTypes.version})`,
    })
    .from(requestTypes)
    .innerJoin(
      requestTypeVersions,
      and(
        eq(requestTypeVersions.typeId, requestTypes.id),
        eq(requestTypeVersions.version, requestTypes.version),
      ),
    )
    .$dynamic();
}

type Row = ReturnType<ReturnType<typeof selectTypes>['all']>[number];

function toView({ type, rules, ...counts }: Row): RequestTypeView {
  const { id, projectId, name, description, version, archivedAt, updatedAt } = type;
  return {
    id,
    projectId,
    name,
    description,
    version,
    archivedAt,
    updatedAt,
    rules: requestRulesSchema.parse(rules),
    ...counts,
  };
}
