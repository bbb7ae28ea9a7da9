/** Saved views of the list of requests. Each belongs to one person in one project and is visible to nobody else. */
import { and, asc, desc, eq, isNotNull, isNull, ne, notInArray, type SQL } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { savedViews } from '@turnover/db/schema/saved-views';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import { maxSavedViews } from '@turnover/domain/requests/limits';
import type {
  createSavedViewInput,
  FilterThatNames,
  SavedQuery,
  SavedViewView,
  updateSavedViewInput,
} from '@turnover/domain/requests/saved-views';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { knownTo } from '../known-people.ts';
import { visibleRequests } from './list.ts';
import { findType } from './types.ts';

type SavedView = typeof savedViews.$inferSelect;

/** The number of removed views per person that can be restored. Older ones are deleted. */
const keptRemoved = maxSavedViews;

/** Sorted by name. */
export function listSavedViews(ctx: PersonContext, { projectId }: { projectId: string }): SavedViewView[] {
  visibleRequests(ctx.db, ctx.person, projectId);
  return ctx.db
    .select()
    .from(savedViews)
    .where(and(ofPerson(ctx, projectId), isNull(savedViews.removedAt)))
    .orderBy(asc(savedViews.nameKey))
    .limit(maxSavedViews)
    .all()
    .map((view) => toView(ctx, view));
}

/** Creates a view. Throws `name_taken` unless `replace` is given, and `too_many_held` at the limit of views. */
export function createSavedView(
  ctx: PersonContext,
  { projectId, name, query, replace }: z.infer<typeof createSavedViewInput>,
): SavedViewView {
  const made = inTransaction(ctx.db, (tx) => {
    visibleRequests(tx, ctx.person, projectId);
    const taken = findByName(tx, ctx, projectId, name);
    if (taken && !replace) throw nameTaken(taken.name);
    const view = taken ? change(tx, taken.id, { name, query }) : insertView(tx, ctx, projectId, name, query);
    signalViews(tx, ctx, projectId);
    return view;
  });
  return toView(ctx, made);
}

/** Changes a view. Throws `name_taken`. */
export function updateSavedView(
  ctx: PersonContext,
  { id }: Pick<SavedView, 'id'>,
  { name, query, isDefault }: Omit<z.infer<typeof updateSavedViewInput>, 'viewId'>,
): SavedViewView {
  const changed = inTransaction(ctx.db, (tx) => {
    const view = loadOwnView(tx, ctx, id);
    const { projectId } = view;
    const taken = name === undefined ? undefined : findByName(tx, ctx, projectId, name);
    if (taken && taken.id !== id) throw nameTaken(taken.name);
    if (isDefault) {
      const others = and(ofPerson(ctx, projectId), ne(savedViews.id, id));
      tx.update(savedViews).set({ isDefault: false }).where(others).run();
    }
    const next = change(tx, id, {
      name: name ?? view.name,
      query: query ?? view.query,
      isDefault: isDefault ?? view.isDefault,
    });
    signalViews(tx, ctx, projectId);
    return next;
  });
  return toView(ctx, changed);
}

/** Removes a view. The removal can be undone until the person has removed `keptRemoved` others. */
export function removeSavedView(ctx: PersonContext, { id }: Pick<SavedView, 'id'>): void {
  inTransaction(ctx.db, (tx) => {
    const { projectId } = loadOwnView(tx, ctx, id);
    tx.update(savedViews).set({ removedAt: ctx.clock() }).where(eq(savedViews.id, id)).run();
    const removed = and(ofPerson(ctx, projectId), isNotNull(savedViews.removedAt));
    const kept = tx
      .select({ id: savedViews.id })
      .from(savedViews)
      .where(removed)
      .orderBy(desc(savedViews.removedAt), desc(savedViews.id))
      .limit(keptRemoved);
    tx.delete(savedViews)
      .where(and(removed, notInArray(savedViews.id, kept)))
      .run();
    signalViews(tx, ctx, projectId);
  });
}

/** Undoes a removal. Throws `name_taken` and `too_many_held`. A view that is not removed stays as it is. */
export function restoreSavedView(ctx: PersonContext, { id }: Pick<SavedView, 'id'>): SavedViewView {
  const restored = inTransaction(ctx.db, (tx) => {
    const view = loadOwnView(tx, ctx, id, 'removed too');
    if (view.removedAt === null) return view;
    const { projectId } = view;
    const taken = findByName(tx, ctx, projectId, view.name);
    if (taken) throw nameTaken(taken.name);
    requireRoom(tx, ctx, projectId);
    const isDefault = view.isDefault && !views(tx, ctx, projectId).some((each) => each.isDefault);
    const back = change(tx, id, { isDefault, removedAt: null });
    signalViews(tx, ctx, projectId);
    return back;
  });
  return toView(ctx, restored);
}

/** Throws `not_found` for views of other people and of projects that the person has left. */
export function loadOwnView(
  db: Reader,
  { person }: PersonContext,
  viewId: string,
  which: 'present' | 'removed too' = 'present',
): SavedView {
  const view = db.select().from(savedViews).where(eq(savedViews.id, viewId)).get();
  if (view?.userId !== person.id || (view.removedAt !== null && which === 'present')) throw notFound();
  visibleRequests(db, person, view.projectId);
  return view;
}

function ofPerson({ person }: PersonContext, projectId: string): SQL | undefined {
  return and(eq(savedViews.userId, person.id), eq(savedViews.projectId, projectId));
}

function views(db: Reader, ctx: PersonContext, projectId: string): SavedView[] {
  return db
    .select()
    .from(savedViews)
    .where(and(ofPerson(ctx, projectId), isNull(savedViews.removedAt)))
    .all();
}

function findByName(db: Reader, ctx: PersonContext, projectId: string, name: string): SavedView | undefined {
  return views(db, ctx, projectId).find((each) => each.nameKey === nameKey(name));
}

function insertView(
  tx: Transaction,
  ctx: PersonContext,
  projectId: string,
  name: string,
  query: SavedQuery,
): SavedView {
  requireRoom(tx, ctx, projectId);
  return tx
    .insert(savedViews)
    .values({
      id: ctx.newId('savedView'),
      projectId,
      userId: ctx.person.id,
      name,
      nameKey: nameKey(name),
      query,
      createdAt: ctx.clock(),
    })
    .returning()
    .get();
}

function change(
  tx: Transaction,
  id: string,
  values: Partial<Pick<SavedView, 'name' | 'query' | 'isDefault' | 'removedAt'>>,
): SavedView {
  return tx
    .update(savedViews)
    .set({ ...values, ...(values.name !== undefined && { nameKey: nameKey(values.name) }) })
    .where(eq(savedViews.id, id))
    .returning()
    .get();
}

function requireRoom(tx: Transaction, ctx: PersonContext, projectId: string): void {
  if (views(tx, ctx, projectId).length < maxSavedViews) return;
  throw new HubError('too_many_held', `A person has ${maxSavedViews} saved views in a project at most.`, {
    what: 'savedViews',
    most: maxSavedViews,
  });
}

function nameTaken(name: string): HubError {
  return new HubError('name_taken', `You have a view “${name}” already.`, { name });
}

function signalViews(tx: Transaction, { clock, person }: PersonContext, projectId: string): void {
  appendEvent(tx, clock, {
    kind: 'savedViews.changed',
    projectId,
    audienceId: person.id,
    actorId: person.id,
  });
}

function toView({ db, person }: PersonContext, view: SavedView): SavedViewView {
  const missing = missingIn(db, person.id, view);
  return {
    id: view.id,
    name: view.name,
    isDefault: view.isDefault,
    missing,
    query: {
      ...view.query,
      ...(missing.some((filter) => filter !== 'type') && { assignee: null }),
      ...(missing.includes('type') && { type: null }),
    },
  };
}

/** The filters whose person, company or type is no longer in the project, or no longer visible to the reader. */
function missingIn(
  db: Reader,
  readerId: string,
  { projectId, query: { assignee, type } }: SavedView,
): FilterThatNames[] {
  const missing: FilterThatNames[] = [];
  if (assignee !== null && typeof assignee === 'object') {
    const isPerson = 'userId' in assignee;
    const isThere = isPerson
      ? hasMember(db, projectId, eq(users.id, assignee.userId)) &&
        knownTo(db, readerId, projectId)(assignee.userId)
      : hasMember(db, projectId, eq(companies.id, assignee.companyId));
    if (!isThere) missing.push(isPerson ? 'person' : 'company');
  }
  if (type !== null && type !== 'none') {
    const found = findType(db, type);
    if (found?.projectId !== projectId || found.archivedAt !== null) missing.push('type');
  }
  return missing;
}

function hasMember(db: Reader, projectId: string, who: SQL): boolean {
  const row = db
    .select({ id: memberships.id })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(and(eq(memberships.projectId, projectId), who))
    .limit(1)
    .get();
  return row !== undefined;
}
