import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { companies, users } from '@turnover/db/schema/accounts';
import { requestAssignees, requests } from '@turnover/db/schema/requests';
import { dayMs } from '@turnover/domain/days';
import { listRequestsInput, type ListRequestsInput } from '@turnover/domain/requests/list';
import { requestGroups, requestSorts } from '@turnover/domain/requests/list-order';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { eq } from 'drizzle-orm';
import type { Person } from '../context.ts';
import { listRequestFiles, viewFile } from './files/list.ts';
import { requestEvents } from './history.ts';
import { listRequests } from './list.ts';
import { createRequestType } from './types.ts';
import { currentRequest } from './transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
  const facts = [
    { name: 'música', status: 'open', dueAt: 30 },
    { name: 'Éclair stems', status: 'processed', dueAt: null, description: 'Atmos' },
    { name: 'artwork', status: 'redelivery', dueAt: 10 },
    { name: 'Artwork', status: 'accepted', dueAt: 10 },
    { name: 'subtitles', status: 'cancelled', dueAt: null },
  ] as const;
  facts.forEach((each, index) => scene.createRequest({ ...each, updatedAt: index % 3, fileCount: index }));
});
afterAll(() => scene.close());

const list = (input: Partial<ListRequestsInput> = {}, person: Person = scene.people.coordinator) =>
  listRequests(scene.hub.as(person), listRequestsInput.parse({ projectId: scene.project.id, ...input }));
const names = async (input: Partial<ListRequestsInput> = {}, person?: Person) =>
  (await list(input, person)).requests.map(({ name }) => name);

const orders = requestSorts.flatMap((sort) =>
  [false, true].flatMap((descending) =>
    [undefined, ...requestGroups].map((group) => ({ sort, descending, group })),
  ),
);

describe('the list of requests', () => {
  test.each(orders)(
    'by $sort, descending $descending, grouped by $group: all pages together equal the whole list',
    async (order) => {
      const whole = (await list(order)).requests.map(({ id, group }) => [id, group]);
      const paged: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page = await list({ ...order, cursor, limit: 2 });
        paged.push(...page.requests.map(({ id, group }) => [id, group]));
        expect(new Set(page.requests.map(({ group }) => group))).toEqual(
          new Set(order.group ? page.groups.map(({ key }) => key) : [null]),
        );
        cursor = page.nextCursor;
      } while (cursor);
      expect(paged).toEqual(whole);
      expect(new Set(whole.map(([id]) => id)).size).toBe(5);
    },
  );

  test('sorted by due date, requests without one come last, and finished ones after them, in both directions', async () => {
    const finished = ['Artwork', 'subtitles'];
    expect(await names()).toEqual(['artwork', 'música', 'Éclair stems', ...finished]);
    expect(await names({ descending: true })).toEqual(['música', 'artwork', 'Éclair stems', ...finished]);
  });

  test('sorted by name, finished requests are among the others', async () => {
    expect((await names({ sort: 'name' })).slice(0, 2).sort()).toEqual(['Artwork', 'artwork']);
  });

  test('sorts statuses in the order of their life cycle', async () => {
    expect((await list({ sort: 'status' })).requests.map(({ status }) => status)).toEqual([
      'open',
      'processed',
      'redelivery',
      'accepted',
      'cancelled',
    ]);
  });

  test('filters by status', async () => {
    expect(await names({ status: ['open', 'accepted'] })).toEqual(['música', 'Artwork']);
  });

  test.each(['', '[1]', '{}', '7', 'null', '[0,null,"x"]', '[0,1,{}]', '[0,1,"x",2]', 'x'.repeat(50)])(
    'refuses a cursor that the list did not return: %j',
    async (cursor) => {
      if (cursor === '') expect(await names({ cursor })).toHaveLength(5);
      else expect((await refusalOf(() => list({ cursor }))).code).toBe('invalid_input');
    },
  );

  test('contains only what each person may see', async () => {
    const { db } = scene.hub;
    const [first] = (await list()).requests;
    db.delete(requestAssignees).where(eq(requestAssignees.requestId, first!.id)).run();
    const { partner, uploader, reviewer, workspace } = scene.people;
    expect(await names({}, reviewer)).toHaveLength(5);
    expect(await names({}, partner)).toHaveLength(4);
    expect(await names({}, uploader)).toHaveLength(4);
    expect((await refusalOf(() => list({}, workspace))).code).toBe('forbidden');
    expect((await refusalOf(() => list({}, scene.hub.createPerson()))).code).toBe('not_found');
    expect((await refusalOf(() => list({}, scene.hub.createPerson({ isOwner: true })))).code).toBe(
      'forbidden',
    );
    const company = scene.hub.createCompany();
    const colleague = scene.hub.createPerson({
      companyId: company.id,
      project: scene.project,
      role: 'partner',
    });
    expect(await names({}, colleague)).toEqual([]);
    const assignee = { id: scene.hub.ctx.newId('assignee'), requestId: first!.id, companyId: company.id };
    db.insert(requestAssignees).values(assignee).run();
    expect(await names({}, colleague)).toEqual([first!.name]);
  });
});

describe('the groups of the list', () => {
  const grouped = async (input: Partial<ListRequestsInput>) => {
    const { requests, groups } = await list(input);
    return groups.map(({ key, kind, name, count }) => ({
      group: kind === 'named' || kind === 'week' ? name : kind,
      names: requests.filter(({ group }) => group === key).map((request) => request.name),
      count,
    }));
  };
  const idOf = async (name: string) => (await list()).requests.find((each) => each.name === name)!.id;

  test('weeks begin on Monday in the time zone of the reader', async () => {
    const monday = Date.UTC(2026, 10, 23);
    const { db } = scene.hub;
    const before = db.select().from(requests).all();
    const due = (name: string, dueAt: number) =>
      db.update(requests).set({ dueAt }).where(eq(requests.name, name)).run();
    due('música', monday - 1);
    due('artwork', monday);
    const byWeek = (timeZone: string) => grouped({ group: 'dueWeek', timeZone });
    const rest = [
      { group: 'none', names: ['Éclair stems'], count: 1 },
      { group: 'finished', names: ['Artwork', 'subtitles'], count: 2 },
    ];
    expect(await byWeek('UTC')).toEqual([
      { group: '2026-11-16', names: ['música'], count: 1 },
      { group: '2026-11-23', names: ['artwork'], count: 1 },
      ...rest,
    ]);
    expect(await byWeek('Asia/Tokyo')).toEqual([
      { group: '2026-11-23', names: ['música', 'artwork'], count: 2 },
      ...rest,
    ]);
    expect((await byWeek('America/New_York'))[0]).toMatchObject({ group: '2026-11-16', count: 2 });
    // A daylight-saving change moves the start of the week, also when it is read at another time of the year.
    const summer = Date.UTC(2027, 5, 7);
    due('música', summer - 2 * 3600_000);
    due('artwork', summer - 2 * 3600_000 - 1);
    scene.hub.clock.now = summer - 200 * dayMs;
    expect((await byWeek('Europe/Berlin')).slice(0, 2).map(({ group }) => group)).toEqual([
      '2027-05-31',
      '2027-06-07',
    ]);
    for (const { id, dueAt } of before) db.update(requests).set({ dueAt }).where(eq(requests.id, id)).run();
  });

  test('types are sorted by name, and requests without a type come last', async () => {
    const { db } = scene.hub;
    const makes = (name: string) =>
      createRequestType(scene.hub.as(scene.people.coordinator), {
        projectId: scene.project.id,
        name,
        description: '',
        rules: requestRulesSchema.parse({}),
      });
    const [stems, art] = [makes('stems'), makes('Art')];
    const give = (name: string, typeId: string) =>
      db.update(requests).set({ typeId, typeVersion: 1 }).where(eq(requests.name, name)).run();
    give('música', stems.id);
    give('artwork', art.id);
    give('Artwork', art.id);
    expect(await grouped({ group: 'type' })).toEqual([
      { group: 'Art', names: ['artwork', 'Artwork'], count: 2 },
      { group: 'stems', names: ['música'], count: 1 },
      { group: 'none', names: ['Éclair stems', 'subtitles'], count: 2 },
    ]);
    // The number counts all pages, but only requests that the filters keep.
    expect(await grouped({ group: 'type', limit: 1 })).toEqual([
      { group: 'Art', names: ['artwork'], count: 2 },
    ]);
    expect(await grouped({ group: 'type', status: ['accepted'] })).toEqual([
      { group: 'Art', names: ['Artwork'], count: 1 },
    ]);
  });

  test('companies include requests assigned to them directly or to their people', async () => {
    const { db, ctx } = scene.hub;
    const { partner, uploader } = scene.people;
    const [blue, quartet] = [scene.hub.createCompany(), scene.hub.createCompany()];
    db.update(companies).set({ name: 'Blue Door' }).where(eq(companies.id, blue.id)).run();
    db.update(companies).set({ name: 'Quartet' }).where(eq(companies.id, quartet.id)).run();
    db.update(users).set({ companyId: blue.id }).where(eq(users.id, partner.id)).run();
    db.update(users).set({ companyId: null }).where(eq(users.id, uploader.id)).run();
    const only = async (name: string, ...companyIds: string[]) => {
      const requestId = await idOf(name);
      db.delete(requestAssignees).where(eq(requestAssignees.requestId, requestId)).run();
      for (const companyId of companyIds)
        db.insert(requestAssignees)
          .values({ id: ctx.newId('assignee'), requestId, companyId })
          .run();
    };
    await only('música', quartet.id);
    await only('artwork', quartet.id, blue.id);
    await only('Artwork');
    expect(await grouped({ group: 'company' })).toEqual([
      { group: 'Blue Door', names: ['Éclair stems', 'subtitles'], count: 2 },
      { group: 'Quartet', names: ['música'], count: 1 },
      { group: 'several', names: ['artwork'], count: 1 },
      { group: 'none', names: ['Artwork'], count: 1 },
    ]);
    db.update(users).set({ companyId: null }).where(eq(users.id, partner.id)).run();
  });
});

describe('the files of a request', () => {
  test('an uploader sees only their own files', async () => {
    const request = scene.createRequest();
    const theirs = scene.deliver(request, 'theirs.wav');
    const own = scene.deliver(request, 'own.wav', scene.people.uploader);
    const ctx = scene.hub.as(scene.people.uploader);
    const fresh = currentRequest(scene.hub.db, request.id);
    const { files } = listRequestFiles(ctx, fresh, { limit: 10 });
    expect(files.map(({ id }) => id)).toEqual([own]);
    const processes = { code: 'forbidden', details: { permission: 'file:process' } };
    expect(files[0]!.possible).toEqual({
      rename: null,
      remove: { code: 'forbidden', details: { permission: 'file:remove' } },
      download: { code: 'forbidden', details: { permission: 'file:download' } },
      retryStage: processes,
      skipStage: processes,
      cancelStage: processes,
    });
    expect((await refusalOf(() => viewFile(ctx, theirs))).code).toBe('not_found');
    expect(JSON.stringify(requestEvents(ctx, request, { limit: 10 }))).not.toContain('theirs.wav');
    const summary = (await list({}, scene.people.uploader)).requests.find(({ id }) => id === request.id);
    expect([summary!.fileCount, summary!.totalBytes]).toEqual([1, files[0]!.sizeBytes]);
  });

  test('are listed in pages, sorted by path', () => {
    const request = scene.createRequest();
    for (const path of ['b.wav', 'reel/A.dpx', 'a.wav', 'Reel/b.dpx']) scene.deliver(request, path);
    const ctx = scene.hub.as(scene.people.partner);
    const first = listRequestFiles(ctx, currentRequest(scene.hub.db, request.id), { limit: 3 });
    const rest = listRequestFiles(ctx, request, { cursor: first.nextCursor, limit: 3 });
    expect([...first.files, ...rest.files].map(({ folder, name }) => [folder, name])).toEqual([
      ['', 'a.wav'],
      ['', 'b.wav'],
      ['reel', 'A.dpx'],
      ['Reel', 'b.dpx'],
    ]);
    expect(rest.nextCursor).toBeNull();
    expect(rest.files[0]).toMatchObject({
      state: 'stored',
      mediaKind: 'frame',
      round: 1,
      stages: [],
      checksums: [],
      deliveredBy: { id: scene.people.partner.id, name: 'partner', company: null },
      possible: { rename: null, remove: null, download: null },
    });
  });
});
