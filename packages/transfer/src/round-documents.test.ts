// Documents of a round go only to people who may see the whole round.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { deliveredFiles, requestAssignees, requests, rounds } from '@turnover/db/schema/requests';
import type { Role } from '@turnover/domain/people/projects';
import { startTransfers, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let requestId: string;

beforeEach(async () => {
  transfers = await startTransfers();
  const { hub, signedIn } = transfers;
  const project = hub.createProject();
  for (const role of ['coordinator', 'partner', 'uploader', 'reviewer', 'workspace'] satisfies Role[]) {
    signedIn.set(role, hub.createPerson({ name: role, project, role }));
  }
  signedIn.set('stranger', hub.createPerson({ project: hub.createProject(), role: 'coordinator' }));
  const by = signedIn.get('uploader')!.id;
  requestId = hub.ctx.newId('request');
  const [assetId, at] = [hub.ctx.newId('asset'), hub.ctx.clock()];
  const { db } = hub;
  db.insert(requests)
    .values({
      id: requestId,
      projectId: project.id,
      name: 'Mix 東京',
      status: 'submitted',
      createdBy: by,
      createdAt: at,
      updatedAt: at,
    })
    .run();
  for (const role of ['partner', 'uploader']) {
    const userId = signedIn.get(role)!.id;
    db.insert(requestAssignees)
      .values({ id: hub.ctx.newId('assignee'), requestId, userId })
      .run();
  }
  db.insert(assets).values({ id: assetId, sizeBytes: 1, state: 'stored', createdAt: at }).run();
  const checksum = { algorithm: 'xxh128', value: 'a'.repeat(32), source: 'computed' } as const;
  db.insert(assetChecksums)
    .values({ assetId, at, ...checksum })
    .run();
  const file = { path: 'mix.wav', pathKey: 'mix.wav', assetId, deliveredBy: by, addedAt: at, addedRound: 1 };
  db.insert(deliveredFiles)
    .values({ id: hub.ctx.newId('deliveredFile'), requestId, ...file })
    .run();
  db.insert(rounds).values({ requestId, number: 1, submittedAt: at, submittedBy: by }).run();
});
afterEach(() => transfers.close());

const ask = (document: string, token: string, method = 'GET', number = '1') =>
  transfers.ask(method, `/rounds/${requestId}/${number}/${document}`, {
    headers: { Authorization: `Bearer ${token}` },
  });

test('sends a list as a download that cannot run, under a name that says the algorithm', async () => {
  const { status, headers, body } = await ask('checksum.txt', 'coordinator');
  expect({ status, body }).toEqual({ status: 200, body: `XXH128 (mix.wav) = ${'a'.repeat(32)}\n` });
  expect(headers['content-disposition']).toContain(
    "filename*=UTF-8''Mix%20%E6%9D%B1%E4%BA%AC%20round%201%20checksum-xxh128.txt",
  );
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain('sandbox');
  expect((await ask('ascmhl.zip', 'reviewer')).body.slice(0, 2)).toBe('PK');
  expect(await ask('checksum.txt', 'partner', 'HEAD')).toMatchObject({ status: 200, body: '' });
});

test.each([
  ['uploader', 403],
  ['workspace', 404],
  ['stranger', 404],
  ['nobody', 401],
])('refuses %s', async (token, status) => {
  for (const document of ['checksum.txt', 'ascmhl.zip', 'qc-report.json', 'qc-report.csv']) {
    expect((await ask(document, token)).status).toBe(status);
  }
});

test('refuses missing documents and lists that were not computed', async () => {
  expect((await ask('checksum.txt', 'coordinator', 'GET', '2')).status).toBe(404);
  expect((await ask('checksum.txt', 'coordinator', 'GET', '0x1')).status).toBe(404);
  expect((await ask('constructor', 'coordinator')).status).toBe(404);
  expect((await ask('checksum.txt/x', 'coordinator')).status).toBe(404);
  expect((await ask('checksum.txt', 'coordinator', 'POST')).status).toBe(405);
  const md5 = await ask('checksum-md5.txt', 'coordinator');
  expect(JSON.parse(md5.body)).toMatchObject({ code: 'unresolved', details: { count: 1 } });
});
