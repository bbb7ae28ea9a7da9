import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { projects } from '@turnover/db/schema/projects';
import { requestAssignees, rounds } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { dayMs } from '@turnover/domain/days';
import type { Role } from '@turnover/domain/people/projects';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type {
  WorkRequestView,
  WorkRowView,
  WorkSectionName,
  WorkTransitView,
} from '@turnover/domain/work/work';
import type { DeliveryRequest } from '../access.ts';
import type { Person } from '../context.ts';
import { createComment } from '../requests/comments.ts';
import { answerFinding } from '../requests/redelivery/findings.ts';
import { askForRedelivery } from '../requests/redelivery/redeliveries.ts';
import { createRequestType } from '../requests/types.ts';
import { askForExtension } from '../retention/extensions.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { countWork, listWork } from './work.ts';

const hour = 3600_000;
let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const now = () => scene.hub.clock.now;
const as = (role: Role) => scene.hub.as(scene.people[role]);

async function sectionOf(person: Person, name: WorkSectionName) {
  const { sections } = await listWork(scene.hub.as(person), scene.project);
  return sections.find((section) => section.name === name);
}

async function rowsOf(role: Role, name: WorkSectionName): Promise<WorkRequestView[]> {
  return ((await sectionOf(scene.people[role], name))?.rows ?? []) as WorkRequestView[];
}

async function namesIn(role: Role, name: WorkSectionName): Promise<string[]> {
  return (await rowsOf(role, name)).map(({ request }) => request.name);
}

/** A submitted round that was processed `ago` milliseconds before now. */
function processed(request: DeliveryRequest, ago: number, filesFailed = 0): void {
  const { id: requestId, round: number } = request;
  const at = now() - ago;
  const submittedBy = scene.people.partner.id;
  scene.hub.db
    .insert(rounds)
    .values({ requestId, number, submittedBy, submittedAt: at - hour, processedAt: at, filesFailed })
    .run();
}

/** A request in Redelivery with a finding on each of the files, and one about the delivery as a whole. */
function sentBack(name: string, files: { path: string; by: Person }[]): DeliveryRequest {
  const request = scene.createRequest({ name });
  const ids = files.map(({ path, by }) => scene.deliver(request, path, by));
  processed(request, hour);
  scene.put(request, 'processed');
  const pins = [...ids, null].map((fileId) => ({
    reason: fileId ? 'audio_spec' : 'missing_file',
    fileId,
    timecodeIn: null,
    timecodeOut: null,
    note: '',
  }));
  askForRedelivery(as('coordinator'), request, {
    reasons: [],
    pins,
    comment: 'Too loud',
    clearExisting: false,
  });
  return request;
}

describe('the sections of a role', () => {
  const expected: [Role, WorkSectionName[]][] = [
    ['coordinator', ['review', 'late', 'redeliveries', 'unanswered']],
    ['partner', ['deliver', 'again', 'transit', 'waiting']],
    ['uploader', ['deliver', 'again', 'transit', 'waiting']],
    ['reviewer', ['review']],
  ];
  test.each(expected)('%s', async (role, names) => {
    const { sections } = await listWork(as(role), scene.project);
    expect(sections.map(({ name }) => name)).toEqual(names);
    expect(sections.every(({ rows, total }) => rows.length === 0 && total === 0)).toBe(true);
  });

  test('refuses a person without requests, and shows no number in their sidebar', async () => {
    scene.createRequest({ dueAt: now() });
    await expect(listWork(as('workspace'), scene.project)).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = scene.hub.createPerson();
    await expect(listWork(scene.hub.as(stranger), scene.project)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(countWork(as('workspace'), scene.project)).toBe(0);
    expect(countWork(scene.hub.as(stranger), scene.project)).toBe(0);
  });
});

describe('the coordinator', () => {
  test('reviews processed requests, those that wait longest first', async () => {
    const late = scene.createRequest({ name: 'Waits 5 min', status: 'processed' });
    const early = scene.createRequest({ name: 'Waits 29 h', status: 'processed' });
    processed(late, 5 * 60_000);
    processed(early, 29 * hour, 2);
    scene.createRequest({ name: 'Accepted', status: 'accepted' });
    expect(await namesIn('coordinator', 'review')).toEqual(['Waits 29 h', 'Waits 5 min']);
    expect(await namesIn('reviewer', 'review')).toEqual(['Waits 29 h', 'Waits 5 min']);
    const [row] = await rowsOf('coordinator', 'review');
    expect(row).toMatchObject({
      processedAt: now() - 29 * hour,
      submittedAt: now() - 30 * hour,
      failedFiles: 2,
      findings: { total: 0, open: { blocker: 0, issue: 0, note: 0 } },
    });
  });

  test('sees which findings of the last redelivery are still unresolved', async () => {
    const request = sentBack('Print master', [{ path: 'mix.wav', by: scene.people.partner }]);
    scene.put(request, 'processed');
    const [row] = await rowsOf('coordinator', 'review');
    expect(row!.findings).toEqual({ total: 2, answered: 0, open: { blocker: 2, issue: 0, note: 0 } });
    scene.hub.db.$client.exec('update reason_pins set checked_at = 1');
    const [checked] = await rowsOf('coordinator', 'review');
    expect(checked!.findings.open.blocker).toBe(0);
  });

  test('sees requests that are late or due within a day, soonest first', async () => {
    scene.createRequest({ name: 'Due in 3 h', dueAt: now() + 3 * hour });
    scene.createRequest({ name: '2 days late', dueAt: now() - 2 * dayMs, promiseReason: 'Stage is booked' });
    scene.createRequest({ name: 'Due in 2 days', dueAt: now() + 2 * dayMs });
    scene.createRequest({ name: 'No date' });
    scene.createRequest({ name: 'Submitted', dueAt: now() - dayMs, status: 'submitted' });
    expect(await namesIn('coordinator', 'late')).toEqual(['2 days late', 'Due in 3 h']);
    const [row] = await rowsOf('coordinator', 'late');
    expect(row).toMatchObject({ promiseReason: 'Stage is booked', remindedAt: null, missing: null });
  });

  test('sees in an empty section which request comes next', async () => {
    const next = scene.createRequest({ name: 'Key art', dueAt: now() + 5 * dayMs });
    scene.createRequest({ name: 'Later', dueAt: now() + 6 * dayMs });
    const arriving = scene.createRequest({ name: 'Mix stems', status: 'processing' });
    const lead = scene.people.coordinator;
    expect(await sectionOf(lead, 'late')).toMatchObject({
      total: 0,
      next: { request: { id: next.id, name: 'Key art' }, at: next.dueAt },
    });
    expect(await sectionOf(lead, 'review')).toMatchObject({
      next: { request: { id: arriving.id }, at: null },
    });
    expect(await sectionOf(lead, 'redeliveries')).toMatchObject({ next: null });
  });

  test('sees redeliveries with their reasons, answers and uploads, but without the findings themselves', async () => {
    const request = sentBack('Print master', [{ path: 'mix.wav', by: scene.people.partner }]);
    const [finding] = (await rowsOf('partner', 'again'))[0]!.redelivery!.pins;
    answerFinding(as('partner'), finding!, 'fixed', '');
    scene.createUpload(request, 'mix2.wav', 'uploading');
    const [row] = await rowsOf('coordinator', 'redeliveries');
    expect(row).toMatchObject({
      findings: { total: 2, answered: 1 },
      arriving: { uploads: 1, sentBytes: 0, sizeBytes: 1 },
      redelivery: { comment: 'Too loud', reasons: ['audio_spec', 'missing_file'], pins: [] },
    });
  });

  test('sees questions until they comment themselves', async () => {
    const request = scene.createRequest({ name: 'VFX shots' });
    const lead = scene.people.coordinator;
    const ask = (text: string) => {
      // Ids are sorted by time.
      scene.hub.clock.advance(1);
      return createComment(as('partner'), request, { text, mentions: [lead.id] });
    };
    ask('With the slate?');
    const last = ask('Or without?');
    createComment(as('partner'), scene.createRequest(), { text: 'Just a remark', mentions: [] });
    const rows = (await sectionOf(lead, 'unanswered'))!.rows;
    expect(rows).toMatchObject([
      { kind: 'question', commentId: last.id, request: { name: 'VFX shots' }, by: { name: 'partner' } },
    ]);
    scene.hub.clock.advance(1);
    createComment(as('coordinator'), request, { text: 'Without', mentions: [] });
    expect((await sectionOf(lead, 'unanswered'))!.total).toBe(0);
  });

  test('sees questions for more time', async () => {
    const { hub, project, people } = scene;
    hub.db.update(projects).set({ launchAt: now() }).run();
    askForExtension(as('partner'), { projectId: project.id, reason: 'Reel 3 is late' });
    const section = (await sectionOf(people.coordinator, 'unanswered'))!;
    expect(section.total).toBe(1);
    expect(section.rows).toMatchObject([
      { kind: 'extension', extension: { reason: 'Reel 3 is late' }, expiresAt: now() + 180 * dayMs },
    ]);
  });

  test('has the number of all rows in the sidebar', async () => {
    scene.createRequest({ status: 'processed' });
    scene.createRequest({ status: 'redelivery' });
    scene.createRequest({ dueAt: now() });
    scene.createRequest();
    const request = scene.createRequest({ status: 'submitted' });
    createComment(as('partner'), request, { text: '?', mentions: [scene.people.coordinator.id] });
    expect(countWork(as('coordinator'), scene.project)).toBe(4);
    // Requests that wait for the other side do not count: processed and submitted ones.
    expect(countWork(as('partner'), scene.project)).toBe(3);
    expect(countWork(as('reviewer'), scene.project)).toBe(1);
  });
});

describe('the partner', () => {
  test('sees what is missing', async () => {
    const list = ['C', 'L', 'R'].map((name) => ({ name: `${name}.wav`, optional: false }));
    const rules = requestRulesSchema.parse({
      expected: { kind: 'list', files: list },
      demandsManifest: true,
    });
    const type = createRequestType(as('coordinator'), {
      projectId: scene.project.id,
      name: 'Stems',
      description: '',
      rules,
    });
    const request = scene.createRequest({
      name: 'Stems',
      typeId: type.id,
      typeVersion: type.version,
      demandsManifest: true,
      dueAt: now() + dayMs,
    });
    scene.createRequest({ name: 'Anything', dueAt: now() + 2 * dayMs });
    scene.deliver(request, 'C.wav');
    expect(await namesIn('partner', 'deliver')).toEqual(['Stems', 'Anything']);
    const [row, free] = await rowsOf('partner', 'deliver');
    expect(row!.missing).toEqual({ files: 2, list: true });
    expect(free!.missing).toBeNull();
  });

  test('sees who asked for the redelivery, why, and each finding', async () => {
    sentBack('Print master', [{ path: 'mix.wav', by: scene.people.partner }]);
    const [row] = await rowsOf('partner', 'again');
    expect(row!.redelivery).toMatchObject({
      by: { name: 'coordinator' },
      comment: 'Too loud',
      pins: [{ file: null }, { file: { path: 'mix.wav' }, reason: 'audio_spec' }],
    });
  });

  test('sees their own uploads in transit, one row for each request', async () => {
    const request = scene.createRequest({ name: 'Print master' });
    scene.createUpload(request, 'reel/one.wav', 'uploading');
    const single = (await sectionOf(scene.people.partner, 'transit'))!.rows as WorkTransitView[];
    expect(single).toMatchObject([{ name: 'one.wav', request: { name: 'Print master' }, mismatches: 0 }]);
    scene.createUpload(request, 'reel/two.wav', 'mismatch');
    scene.createUpload(request, 'reel/three.wav', 'complete');
    const section = (await sectionOf(scene.people.partner, 'transit'))!;
    expect(section.total).toBe(1);
    expect(section.rows).toMatchObject([{ name: null, arriving: { uploads: 2 }, mismatches: 1 }]);
    expect((await sectionOf(scene.people.uploader, 'transit'))!.rows).toEqual([]);
  });

  test('sees what the other side works on, but not requests of other people', async () => {
    for (const status of ['submitted', 'processing', 'processed', 'open', 'redelivery'] as const) {
      scene.createRequest({ name: `Mine, ${status}`, status });
      notAssigned(scene.createRequest({ name: `Not mine, ${status}`, status }));
    }
    expect((await namesIn('partner', 'waiting')).sort()).toEqual([
      'Mine, processed',
      'Mine, processing',
      'Mine, submitted',
    ]);
    expect(await namesIn('partner', 'deliver')).toEqual(['Mine, open']);
    expect(await namesIn('partner', 'again')).toEqual(['Mine, redelivery']);
  });

  test('does not see the requests of another project', async () => {
    const { hub, people } = scene;
    const elsewhere = hub.createProject();
    hub.addMember(elsewhere, people.partner, 'partner');
    hub.addMember(elsewhere, people.coordinator, 'coordinator');
    scene.createRequest({ name: 'Elsewhere', projectId: elsewhere.id, status: 'processed' });
    expect(await namesIn('partner', 'waiting')).toEqual([]);
    expect(await namesIn('coordinator', 'review')).toEqual([]);
  });
});

test('an uploader learns nothing about files of others', async () => {
  const { uploader, partner } = scene.people;
  const request = sentBack('Print master', [
    { path: 'theirs.wav', by: partner },
    { path: 'mine.wav', by: uploader },
  ]);
  scene.createUpload(request, 'arriving.wav', 'uploading');
  const [row] = await rowsOf('uploader', 'again');
  expect(row!.redelivery!.pins.map(({ file }) => file?.path ?? null)).toEqual([null, 'mine.wav']);
  expect(row!.findings.total).toBe(2);
  expect(row!.arriving).toBeNull();
  expect(row!.request.fileCount).toBe(1);
  expect(JSON.stringify(await listWork(as('uploader'), scene.project))).not.toMatch(/theirs|arriving\.wav/);
  scene.hub.db.update(uploads).set({ userId: uploader.id }).run();
  expect((await rowsOf('uploader', 'again'))[0]!.arriving).toMatchObject({ uploads: 1 });
});

test('failed files of others stay hidden from an uploader', async () => {
  const request = scene.createRequest({ status: 'processed' });
  processed(request, hour, 3);
  expect((await rowsOf('uploader', 'waiting'))[0]!.failedFiles).toBe(0);
  expect((await rowsOf('partner', 'waiting'))[0]!.failedFiles).toBe(3);
});

test('a long section lists its first rows and counts all', async () => {
  for (let index = 0; index < 53; index++) scene.createRequest({ dueAt: now() - index });
  const section = (await sectionOf(scene.people.coordinator, 'late'))!;
  expect(section.total).toBe(53);
  expect(section.rows.map((row: WorkRowView) => row.kind)).toHaveLength(50);
});

function notAssigned({ id }: DeliveryRequest): void {
  scene.hub.db.delete(requestAssignees).where(eq(requestAssignees.requestId, id)).run();
}
