import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeId } from '@turnover/domain/ids';
import { listRequestsInput } from '@turnover/domain/requests/list';
import { listRequests } from './list.ts';
import { createRequests, takenNames } from './from-list.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const coordinator = () => scene.hub.as(scene.people.coordinator);
const create = (requests: Record<string, unknown>[]) =>
  createRequests(coordinator(), { projectId: scene.project.id, requests });
const names = async () => {
  const input = listRequestsInput.parse({ projectId: scene.project.id, sort: 'name', limit: 500 });
  return (await listRequests(coordinator(), input)).requests.map(({ name }) => name);
};

test('creates or refuses each line separately, and returns the code of each problem', async () => {
  const stranger = scene.hub.createPerson();
  const { made, lines } = await create([
    { name: 'A', dueAt: 5, assignees: [{ userId: scene.people.partner.id }] },
    { name: '' },
    { name: 'B', assignees: [{ userId: stranger.id }] },
    { name: 'C', typeId: makeId('requestType', 1, new Uint8Array(10)) },
    { name: 'M\ufffdsica' },
    { name: 'D', dueAt: 'tomorrow' },
    { name: 'E' },
  ]);
  expect(made).toBe(2);
  expect(
    lines.map(({ requestId, refusal }) => [
      requestId !== null,
      refusal?.code ?? null,
      refusal?.details.field ?? null,
    ]),
  ).toEqual([
    [true, null, null],
    [false, 'invalid_input', 'name'],
    [false, 'invalid_input', 'assignees'],
    [false, 'not_found', null],
    [false, 'invalid_input', 'name'],
    [false, 'invalid_input', 'dueAt'],
    [true, null, null],
  ]);
  expect(await names()).toEqual(['A', 'E']);
});

test('leaves no rows of a refused line', async () => {
  const before = scene.hub.db.$client.prepare('select count(*) from events').pluck().get();
  await create([{ name: 'B', assignees: [{ userId: scene.hub.createPerson().id }] }]);
  expect(scene.hub.db.$client.prepare('select count(*) from events').pluck().get()).toBe(before);
});

test('reports taken names, but still creates requests with them', async () => {
  await create([{ name: 'Música' }]);
  const { lines } = await create([{ name: 'MÚSICA' }, { name: 'New' }, { name: 'new' }]);
  expect(lines.map(({ nameTaken }) => nameTaken)).toEqual([true, false, true]);
  const asked = { projectId: scene.project.id, names: ['música', 'Old', 'NEW'] };
  expect(takenNames(coordinator(), asked)).toEqual({ taken: ['música', 'NEW'] });
});

test('creates nothing for people who may not create requests', async () => {
  const asked = { projectId: scene.project.id, requests: [{ name: 'A' }] };
  const { lines } = await createRequests(scene.hub.as(scene.people.partner), asked);
  expect(lines[0]!.refusal).toMatchObject({ code: 'forbidden' });
  expect(await names()).toEqual([]);
});

test('yields to other work between the lines of a long list', async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const { made } = await create(Array.from({ length: 300 }, (_, n) => ({ name: `r${n}` })));
  isDone = true;
  expect([made, turns > 20]).toEqual([300, true]);
});
