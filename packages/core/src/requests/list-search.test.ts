import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliveredFiles, requestAssignees } from '@turnover/db/schema/requests';
import { listRequestsInput } from '@turnover/domain/requests/list';
import { eq } from 'drizzle-orm';
import type { Person } from '../context.ts';
import { listRequests } from './list.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
  const { partner, uploader } = scene.people;
  const stems = scene.createRequest({ name: 'Éclair stems', description: 'Atmos bed' });
  scene.deliver(stems, 'Reel 1/mix_LFE.wav');
  scene.deliver(stems, 'Reel 1/mix_LFE_alt.wav');
  scene.deliver(stems, 'música.wav', uploader);
  const art = scene.createRequest({ name: 'Artwork' });
  scene.deliver(art, 'poster_lfe.psd', partner);
  const removed = scene.deliver(art, 'removed_LFE2.psd', partner);
  scene.hub.db.update(deliveredFiles).set({ removedAt: 1 }).where(eq(deliveredFiles.id, removed)).run();
  scene.put(art, 'accepted');
  const hidden = scene.createRequest({ name: 'For nobody' });
  scene.deliver(hidden, 'secret_lfe.mov', scene.people.coordinator);
  scene.hub.db.delete(requestAssignees).where(eq(requestAssignees.requestId, hidden.id)).run();
});
afterAll(() => scene.close());

const search = async (text: string, person: Person = scene.people.coordinator, more: object = {}) => {
  const input = listRequestsInput.parse({ projectId: scene.project.id, sort: 'name', search: text, ...more });
  return listRequests(scene.hub.as(person), input);
};
const found = async (text: string, person?: Person) =>
  (await search(text, person)).requests.map(({ name, foundFile }) => [name, foundFile]);

test('finds names and descriptions without regard to case and spelling of accents', async () => {
  expect(await found('e\u0301CLAIR')).toEqual([['Éclair stems', null]]);
  expect(await found('atmos')).toEqual([['Éclair stems', null]]);
  expect(await found('%')).toEqual([]);
  expect(await found('')).toHaveLength(3);
});

test('finds paths of present files, and returns the matching path', async () => {
  expect(await found('lfe')).toEqual([
    ['Artwork', 'poster_lfe.psd'],
    ['For nobody', 'secret_lfe.mov'],
    ['Éclair stems', 'Reel 1/mix_LFE.wav'],
  ]);
  expect(await found('MU\u0301SICA')).toEqual([['Éclair stems', 'música.wav']]);
  expect(await found('reel 1/')).toEqual([['Éclair stems', 'Reel 1/mix_LFE.wav']]);
  expect(await found('lfe2')).toEqual([]);
  expect(await found("_lfe' or 1 --")).toEqual([]);
});

test('finds only what each person may see', async () => {
  const { partner, uploader, reviewer } = scene.people;
  expect(await found('lfe', reviewer)).toHaveLength(3);
  expect(await found('lfe', partner)).toHaveLength(2);
  // Reveals neither somebody else's file nor that one exists.
  expect(await found('lfe', uploader)).toEqual([]);
  expect(await found('música', uploader)).toEqual([['Éclair stems', 'música.wav']]);
});

test('applies counts, filters and pages to the requests that it finds', async () => {
  const { counts, isSearchComplete } = await search('lfe');
  expect([counts.status.open, counts.status.accepted, isSearchComplete]).toEqual([2, 1, true]);
  const first = await search('lfe', scene.people.coordinator, { limit: 2 });
  const rest = await search('lfe', scene.people.coordinator, { limit: 2, cursor: first.nextCursor });
  expect([...first.requests, ...rest.requests].map(({ name }) => name)).toEqual([
    'Artwork',
    'For nobody',
    'Éclair stems',
  ]);
});

test('also finds requests behind the first thousand', async () => {
  const insert = scene.hub.db.$client.prepare(
    `insert into requests (id, project_id, name, status, created_by, created_at, updated_at)
     with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 1001)
     select 'req_' || number, ?, 'Many ' || number, 'open', ?, 1, 1 from numbers`,
  );
  insert.run(scene.project.id, scene.people.coordinator.id);
  expect(await found('Éclair')).toHaveLength(1);
  expect((await search('many ', undefined, { limit: 1 })).counts.status.open).toBe(1001);
});
