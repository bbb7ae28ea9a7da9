/** The wire format: errors with their HTTP status, and without internals. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { appRouter } from './root.ts';
import { testApi, type ApiHub } from './testing.ts';
import { maxCallsAtOnce, statusOf } from './trpc.ts';

let hub: ApiHub;
let owner: Person;
beforeAll(async () => {
  hub = await testApi();
  owner = hub.createPerson({ isOwner: true });
});
afterAll(() => hub.close());

async function request(path: string, init: RequestInit & { as?: Person | null } = {}) {
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request(`http://hub/api/trpc/${path}`, init),
    router: appRouter,
    maxBatchSize: maxCallsAtOnce,
    createContext: () => hub.contextOf(init.as === undefined ? owner : init.as),
    responseMeta: statusOf,
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), text };
}
const json = { method: 'POST', headers: { 'content-type': 'application/json' } };

test('a procedure returns plain JSON', async () => {
  const { status, body } = await request('projects.create', { ...json, body: '{"name":"Northern Light"}' });
  expect(status).toBe(200);
  expect(body.result.data).toMatchObject({ name: 'Northern Light', role: null });
});

test.each([
  ['malformed JSON', 'projects.create', { ...json, body: '{"name":' }, 400, 'invalid_input'],
  ['a field that is missing', 'projects.create', { ...json, body: '{}' }, 400, 'invalid_input'],
  ['an unknown procedure', 'projects.destroyAll', {}, 404, 'not_found'],
  [
    'an id of nothing',
    `projects.get?input=${encodeURIComponent(JSON.stringify({ projectId: `prj_${'a'.repeat(26)}` }))}`,
    {},
    404,
    'not_found',
  ],
  ['nobody', 'account.get', { as: null }, 401, 'unauthenticated'],
] as const)('%s', async (_name, path, init, status, code) => {
  const answer = await request(path, init as RequestInit);
  expect(answer.status).toBe(status);
  expect(answer.body.error.data.hub.code).toBe(code);
  expect(answer.text).not.toMatch(/stack|node_modules|packages\/|SQLITE/);
});

test('a change by GET is refused and changes nothing', async () => {
  const input = encodeURIComponent('{"name":"By GET"}');
  expect((await request(`projects.create?input=${input}`)).status).toBe(404);
  expect((await request('projects.list')).text).not.toContain('By GET');
});

test('refuses a batch of too many calls and names the maximum', async () => {
  const names = (count: number) => `${Array<string>(count).fill('account.get').join()}?batch=1&input=%7B%7D`;
  const { body } = await request(names(maxCallsAtOnce + 1));
  expect(body.error.message).toBe('At most 50 calls go into one batch.');
  expect((await request(names(maxCallsAtOnce))).body).toHaveLength(maxCallsAtOnce);
});

test('names the invalid field', async () => {
  const { body } = await request('projects.create', { ...json, body: '{"name":7}' });
  expect(body.error.message).toContain('name');
});

test('logs an unexpected error under an id, and returns only that id', async () => {
  const broken = { ...hub.contextOf(owner), hub: { ...hub.ctx, db: null as never } };
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request('http://hub/api/trpc/projects.list'),
    router: appRouter,
    createContext: () => broken,
    responseMeta: statusOf,
  });
  const { error } = JSON.parse(await response.text());
  expect(response.status).toBe(500);
  expect(error.message).toBe('Something went wrong.');
  const logged = hub.logged.find(({ event }) => event === 'api.failed');
  expect(logged?.facts?.id).toBe(error.data.hub.details.id);
});
