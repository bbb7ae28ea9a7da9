// The security report goes to those who manage the people of the project, and leaves an entry in the audit log.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allEntries } from '@turnover/core/audit/verify';
import { startTransfers, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let projectId: string;

beforeEach(async () => {
  transfers = await startTransfers();
  const { hub, signedIn } = transfers;
  const project = hub.createProject('Northern Light');
  projectId = project.id;
  signedIn.set('owner', hub.createPerson({ isOwner: true }));
  for (const role of ['coordinator', 'partner', 'uploader', 'reviewer', 'workspace'] as const)
    signedIn.set(role, hub.createPerson({ project, role }));
  signedIn.set('stranger', hub.createPerson({ project: hub.createProject(), role: 'coordinator' }));
});
afterEach(() => transfers.close());

const ask = (document: string, token: string, method = 'GET') =>
  transfers.ask(method, `/evidence/${projectId}/${document}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
const entries = () => [...allEntries(transfers.hub.db)];

test.each(['owner', 'coordinator'])('sends both lists to the %s, with an entry each', async (token) => {
  const access = await ask('access.csv', token);
  expect(access.status).toBe(200);
  expect(access.headers['content-disposition']).toContain('Northern Light access.csv');
  expect(access.headers['cache-control']).toBe('private, no-store');
  expect(access.body.trim().split('\r\n')).toHaveLength(7);
  const protection = await ask('protection.csv', token);
  expect(protection.body).toContain('"encryption in transit","none: the hub is used over plain http"');
  expect(entries().slice(-2)).toMatchObject(
    ['access.csv', 'protection.csv'].map((document) => ({
      action: 'exports.access',
      actorId: transfers.signedIn.get(token)!.id,
      projectId,
      details: JSON.stringify({ document }),
    })),
  );
});

test.each([
  ['partner', 403],
  ['uploader', 403],
  ['reviewer', 403],
  ['workspace', 403],
  ['stranger', 404],
  ['nobody', 401],
])('answers the %s with %i', async (token, status) => {
  for (const document of ['access.csv', 'protection.csv'])
    expect((await ask(document, token)).status).toBe(status);
  expect(entries()).toEqual([]);
});

test('knows no other documents and methods, and HEAD leaves no entry', async () => {
  expect((await ask('files.csv', 'owner')).status).toBe(404);
  expect((await ask('access.csv/more', 'owner')).status).toBe(404);
  expect((await ask('access.csv', 'owner', 'POST')).status).toBe(405);
  expect(await ask('access.csv', 'owner', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(entries()).toEqual([]);
});
