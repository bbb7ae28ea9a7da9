import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestAssignees } from '@turnover/db/schema/requests';
import { requestSorts, type ListRequestsInput } from '@turnover/domain/requests/requests';
import { eq } from 'drizzle-orm';
import type { Person } from '../context.ts';
import { listRequestFiles, viewFile } from './files/list.ts';
import { requestEvents } from './history.ts';
import { listRequests } from './list.ts';
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
  listRequests(scene.hub.as(person), {
    projectId: scene.project.id,
    sort: 'dueAt',
    descending: false,
    limit: 200,
    ...input,
  });
const names = (input: Partial<ListRequestsInput> = {}, person?: Person) =>
  list(input, person).requests.map(({ name }) => name);

describe('the list of requests', () => {
  test.each(requestSorts.flatMap((sort) => [false, true].map((descending) => ({ sort, descending }))))(
    'by $sort, descending $descending: the pages together equal the whole list',
    ({ sort, descending }) => {
      const whole = list({ sort, descending }).requests.map(({ id }) => id);
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page = list({ sort, descending, cursor, limit: 2 });
        paged.push(...page.requests.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor);
      expect(paged).toEqual(whole);
      expect(new Set(whole).size).toBe(5);
    },
  );

  test('has requests without a due date last, in both directions', () => {
    expect(names().slice(3).sort()).toEqual(['subtitles', 'Éclair stems']);
    expect(names({ descending: true }).slice(3).sort()).toEqual(['subtitles', 'Éclair stems']);
    expect(names()[2]).toBe('música');
  });

  test('sorts by status in the order of the statuses', () => {
    expect(list({ sort: 'status' }).requests.map(({ status }) => status)).toEqual([
      'open',
      'processed',
      'redelivery',
      'accepted',
      'cancelled',
    ]);
  });

  test('is filtered by status and searched without regard to case', () => {
    expect(names({ status: ['open', 'accepted'] })).toEqual(['Artwork', 'música']);
    expect(names({ search: 'MÚSICA' })).toEqual(['música']);
    expect(names({ search: 'e\u0301clair' })).toEqual(['Éclair stems']);
    expect(names({ search: 'atmos' })).toEqual(['Éclair stems']);
    expect(names({ search: '%' })).toEqual([]);
  });

  test.each(['', '[1]', '{}', '[null,"x"]', 'x'.repeat(50)])(
    'refuses a cursor from elsewhere: %j',
    async (cursor) => {
      if (cursor === '') expect(names({ cursor })).toHaveLength(5);
      else expect((await refusalOf(() => list({ cursor }))).code).toBe('invalid_input');
    },
  );

  test('contains what each person may see', async () => {
    const { db } = scene.hub;
    const [first] = list().requests;
    db.delete(requestAssignees).where(eq(requestAssignees.requestId, first!.id)).run();
    const { partner, uploader, reviewer, workspace } = scene.people;
    expect(names({}, reviewer)).toHaveLength(5);
    expect(names({}, partner)).toHaveLength(4);
    expect(names({}, uploader)).toHaveLength(4);
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
    expect(names({}, colleague)).toEqual([]);
    const assignee = { id: scene.hub.ctx.newId('assignee'), requestId: first!.id, companyId: company.id };
    db.insert(requestAssignees).values(assignee).run();
    expect(names({}, colleague)).toEqual([first!.name]);
  });
});

describe('the files of a request', () => {
  test('are limited to their own for an uploader', async () => {
    const request = scene.createRequest();
    const theirs = scene.deliver(request, 'theirs.wav');
    const own = scene.deliver(request, 'own.wav', scene.people.uploader);
    const ctx = scene.hub.as(scene.people.uploader);
    const fresh = currentRequest(scene.hub.db, request.id);
    const { files } = listRequestFiles(ctx, fresh, { limit: 10 });
    expect(files.map(({ id }) => id)).toEqual([own]);
    expect(files[0]!.possible).toEqual({
      rename: null,
      remove: { code: 'forbidden', details: { permission: 'file:remove' } },
      download: { code: 'forbidden', details: { permission: 'file:download' } },
    });
    expect((await refusalOf(() => viewFile(ctx, theirs))).code).toBe('not_found');
    expect(JSON.stringify(requestEvents(ctx, request, { limit: 10 }))).not.toContain('theirs.wav');
    const summary = list({}, scene.people.uploader).requests.find(({ id }) => id === request.id);
    expect([summary!.fileCount, summary!.totalBytes]).toEqual([1, files[0]!.sizeBytes]);
  });

  test('are listed in pages by path', () => {
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
