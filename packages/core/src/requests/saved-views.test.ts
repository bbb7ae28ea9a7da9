import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { events } from '@turnover/db/schema/events';
import { memberships } from '@turnover/db/schema/projects';
import { savedViews } from '@turnover/db/schema/saved-views';
import { makeId } from '@turnover/domain/ids';
import type { Role } from '@turnover/domain/people/projects';
import { maxSavedViews } from '@turnover/domain/requests/limits';
import { createSavedViewInput, savedQuery, type SavedQuery } from '@turnover/domain/requests/saved-views';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type { PersonContext } from '../context.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import {
  createSavedView,
  listSavedViews,
  loadOwnView,
  removeSavedView,
  restoreSavedView,
  updateSavedView,
} from './saved-views.ts';
import { createRequestType, updateRequestType } from './types.ts';

let scene: RequestScene;
let lead: PersonContext;
beforeEach(async () => {
  scene = await requestScene();
  lead = as('coordinator');
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const projectId = () => scene.project.id;
const save = (name: string, query: Partial<SavedQuery> = {}, ctx = lead, replace = false) =>
  createSavedView(ctx, { projectId: projectId(), name, query: savedQuery.parse(query), replace });
const list = (ctx = lead, ofProject = projectId()) => listSavedViews(ctx, { projectId: ofProject });
const names = (ctx = lead) => list(ctx).map(({ name }) => name);

test('a view keeps filters, sorting and grouping under a name, for one person only', () => {
  const query = savedQuery.parse({
    statuses: ['open', 'redelivery'],
    assignee: 'me',
    search: 'reel “x”',
    descending: true,
    group: 'dueWeek',
  });
  const made = save('Älter first', query);
  save('a first', {}, as('partner'));
  expect(list()).toEqual([{ id: made.id, name: 'Älter first', query, missing: [], isDefault: false }]);
  expect(names(as('partner'))).toEqual(['a first']);
});

test('views of one project do not appear in another', () => {
  save('Late');
  const other = scene.hub.createProject('Elsewhere');
  const ctx = { ...lead };
  scene.hub.db
    .insert(memberships)
    .values({
      id: ctx.newId('membership'),
      projectId: other.id,
      userId: ctx.person.id,
      role: 'coordinator',
      createdAt: 0,
    })
    .run();
  expect(list(ctx, other.id)).toEqual([]);
  createSavedView(ctx, { projectId: other.id, name: 'Late', query: savedQuery.parse({}), replace: false });
  expect(names()).toEqual(['Late']);
});

test('a name is taken in any case and Unicode form, and replacing keeps the id', async () => {
  const first = save('Café late', { bucket: 'critical' });
  const again = 'CAFE\u0301 LATE';
  expect(await refusalOf(() => save(again))).toMatchObject({
    code: 'name_taken',
    details: { name: 'Café late' },
  });
  const replaced = save(again, { due: 'week' }, lead, true);
  expect(replaced).toMatchObject({ id: first.id, name: again, query: { bucket: null, due: 'week' } });
  expect(list()).toHaveLength(1);
});

test('a new name may differ from the old one only in case, and must not be that of another view', async () => {
  const late = save('late');
  save('Mine');
  expect(updateSavedView(lead, late, { name: 'LATE' }).name).toBe('LATE');
  expect((await refusalOf(() => updateSavedView(lead, late, { name: 'mine' }))).code).toBe('name_taken');
  expect(names()).toEqual(['LATE', 'Mine']);
});

test('at most one view is the default', () => {
  const [a, b] = [save('a'), save('b')];
  save('theirs', {}, as('partner'));
  const theirs = updateSavedView(as('partner'), list(as('partner'))[0]!, { isDefault: true });
  updateSavedView(lead, a, { isDefault: true });
  updateSavedView(lead, b, { isDefault: true });
  expect(list().map(({ isDefault }) => isDefault)).toEqual([false, true]);
  expect(list(as('partner'))).toEqual([theirs]);
  expect(updateSavedView(lead, b, { isDefault: false }).isDefault).toBe(false);
});

test('a person has a limited number of views, and can still replace one at the limit', async () => {
  for (let index = 0; index < maxSavedViews; index++) save(`View ${index}`);
  expect(await refusalOf(() => save('One more'))).toMatchObject({ code: 'too_many_held' });
  expect(save('view 7', { group: 'type' }, lead, true).query.group).toBe('type');
  const removed = list()[0]!;
  removeSavedView(lead, removed);
  save('One more');
  expect(await refusalOf(() => restoreSavedView(lead, removed))).toMatchObject({ code: 'too_many_held' });
  expect(list()).toHaveLength(maxSavedViews);
});

test('a removed view can be restored once, with its id', async () => {
  const view = save('Late', { bucket: 'critical' });
  updateSavedView(lead, view, { isDefault: true });
  removeSavedView(lead, view);
  expect(list()).toEqual([]);
  expect((await refusalOf(() => loadOwnView(lead.db, lead, view.id))).code).toBe('not_found');
  expect((await refusalOf(() => updateSavedView(lead, view, { name: 'x' }))).code).toBe('not_found');
  expect(restoreSavedView(lead, view)).toMatchObject({ id: view.id, isDefault: true });
  expect(restoreSavedView(lead, view)).toMatchObject({ id: view.id, isDefault: true });
  expect(list()).toHaveLength(1);
});

test('a view is restored even when its name or the default is now used by another', async () => {
  const view = save('Late');
  updateSavedView(lead, view, { isDefault: true });
  removeSavedView(lead, view);
  const next = save('late');
  expect((await refusalOf(() => restoreSavedView(lead, view))).code).toBe('name_taken');
  updateSavedView(lead, next, { name: 'Other', isDefault: true });
  expect(restoreSavedView(lead, view).isDefault).toBe(false);
});

test('only a limited number of removed views is kept', () => {
  for (let index = 0; index < maxSavedViews + 5; index++) removeSavedView(lead, save('Late'));
  expect(scene.hub.db.select().from(savedViews).all()).toHaveLength(maxSavedViews);
});

test('another person’s view throws not_found, also for an owner of the hub', async () => {
  const { id } = save('Late');
  const owner = scene.hub.as(scene.hub.createPerson({ isOwner: true }));
  for (const ctx of [as('partner'), as('reviewer'), as('workspace'), owner]) {
    for (const act of [loadOwnView, (_: unknown, by: PersonContext) => removeSavedView(by, { id })])
      expect((await refusalOf(() => act(ctx.db, ctx, id))).code).toBe('not_found');
  }
});

test('people who see no requests have no views, and people who leave the project lose theirs', async () => {
  const view = save('Late', {}, as('partner'));
  const owner = scene.hub.as(scene.hub.createPerson({ isOwner: true }));
  expect((await refusalOf(() => list(as('workspace')))).code).toBe('forbidden');
  expect((await refusalOf(() => save('x', {}, as('workspace')))).code).toBe('forbidden');
  expect((await refusalOf(() => list(owner))).code).toBe('forbidden');
  expect((await refusalOf(() => list(scene.hub.as(scene.hub.createPerson())))).code).toBe('not_found');
  scene.hub.db.delete(memberships).where(eq(memberships.userId, scene.people.partner.id)).run();
  expect((await refusalOf(() => list(as('partner')))).code).toBe('not_found');
  expect((await refusalOf(() => updateSavedView(as('partner'), view, { name: 'x' }))).code).toBe('not_found');
});

test('leaves a filter out whose type is archived, of another project, or unknown', () => {
  const rules = requestRulesSchema.parse({});
  const type = createRequestType(lead, { projectId: projectId(), name: 'Mixes', description: '', rules });
  const view = save('Mixes', { type: type.id, bucket: 'critical' });
  expect(view).toMatchObject({ missing: [], query: { type: type.id } });
  updateRequestType(lead, type, { version: 1, archived: true });
  expect(list()).toMatchObject([{ missing: ['type'], query: { type: null, bucket: 'critical' } }]);
  updateRequestType(lead, type, { version: 1, archived: false });
  expect(list()).toMatchObject([{ missing: [], query: { type: type.id } }]);
  const unknown = makeId('requestType', 1, new Uint8Array(10));
  expect(save('Unknown', { type: unknown }).missing).toEqual(['type']);
  expect(save('None', { type: 'none' }).missing).toEqual([]);
});

test('leaves a filter out whose person or company left the project', () => {
  const { partner } = scene.people;
  const { id: companyId } = scene.hub.createCompany('Blue Door');
  scene.hub.db.update(users).set({ companyId }).where(eq(users.id, partner.id)).run();
  const person = save('Hugo', { assignee: { userId: partner.id }, type: 'none' });
  const company = save('Blue Door', { assignee: { companyId } });
  expect([person.missing, company.missing]).toEqual([[], []]);
  scene.hub.db.delete(memberships).where(eq(memberships.userId, partner.id)).run();
  expect(list()).toMatchObject([
    { name: 'Blue Door', missing: ['company'], query: { assignee: null } },
    { name: 'Hugo', missing: ['person'], query: { assignee: null, type: 'none' } },
  ]);
  const stranger = scene.hub.createPerson();
  expect(save('Stranger', { assignee: { userId: stranger.id } }).missing).toEqual(['person']);
  // Saving the view again without the filter removes it.
  expect(updateSavedView(lead, person, { query: list()[1]!.query }).missing).toEqual([]);
});

test('does not reveal to an uploader who else is in the project', () => {
  const ofPartner = save('x', { assignee: { userId: scene.people.partner.id } }, as('uploader'));
  expect(ofPartner.missing).toEqual(['person']);
  const own = save('y', { assignee: { userId: scene.people.uploader.id } }, as('uploader'));
  expect(own.missing).toEqual([]);
});

test('every change reloads the pages of that person only', () => {
  const view = save('Late');
  updateSavedView(lead, view, { isDefault: true });
  removeSavedView(lead, view);
  restoreSavedView(lead, view);
  const signals = scene.hub.db.select().from(events).where(eq(events.kind, 'savedViews.changed')).all();
  expect(signals).toHaveLength(4);
  expect(new Set(signals.map(({ audienceId }) => audienceId))).toEqual(new Set([lead.person.id]));
});

test.each(['', '   ', 'x'.repeat(61), 'two\nlines', 'bell\u0007', 'x\u0000'])(
  'refuses the name %j',
  (name) => {
    const input = { projectId: projectId(), name, query: {} };
    expect(createSavedViewInput.safeParse(input).success).toBe(false);
    expect(createSavedViewInput.parse({ ...input, name: ` ${'ñ'.repeat(60)} ` }).name).toBe('ñ'.repeat(60));
  },
);
