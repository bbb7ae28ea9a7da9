// Attacks with the bytes that a page shows: what people upload runs nowhere, and is gone with the right to see it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordPreviews } from '@turnover/core/previews';
import type { Person } from '@turnover/core/context';
import { insertFile } from '@turnover/core/entries/tree';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { projects } from '@turnover/db/schema/projects';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { previewKinds, previewTypes, type PreviewKind } from '@turnover/domain/media/previews';
import { startTransfers, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let fileId: string;
let assetId: string;
const page = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

beforeEach(async () => {
  transfers = await startTransfers();
  const { hub, signedIn } = transfers;
  const files = [{ path: 'film.mp4', bytes: Buffer.from(page), xxh128: '0'.repeat(32) }];
  const { coordinator, fileIds } = createSampleDelivery(hub, files);
  fileId = fileIds[0]!;
  signedIn.set('coordinator', coordinator.person);
  ({ assetId } = hub.db.select().from(deliveredFiles).get()!);
  const attempt = await hub.storage.openPreviewFolder('attempt');
  for (const kind of previewKinds) writeFileSync(join(attempt.path, kind), page);
  const previews = await attempt.keep(assetId, previewKinds);
  inTransaction(hub.db, (tx) => recordPreviews(tx, hub.ctx, assetId, previews));
});
afterEach(() => transfers.close());

const ask = (token: string, query: string, { id = fileId, headers = {}, method = 'GET' } = {}) =>
  transfers.ask(method, `/files/${id}${query}`, {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
const named = (path: string) => transfers.hub.db.update(deliveredFiles).set({ path }).run();

/** What keeps bytes from running, wherever they are opened. */
const harmless = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
};

describe('an original', () => {
  test.each([
    ...[
      'a.svg',
      'a.SVG',
      'a.svgz',
      'a.html',
      'a.htm',
      'a.xhtml',
      'a.xml',
      'a.xsl',
      'a.mhtml',
      'a.pdf',
      'a.js',
    ],
    ...[
      'a.mjs',
      'a.css',
      'a.swf',
      'a.wasm',
      'a.png.svg',
      'a.png.html',
      'a.mp4.',
      'a.png\u202e',
      'png',
      '.png.xml',
    ],
    ...['a.ttml', 'a.vtt', 'a.srt', 'a.json', 'a.ogg', 'a.constructor', 'a.__proto__'],
  ])('named %j is never shown as it is, and downloaded without a type', async (name) => {
    named(name);
    expect((await ask('coordinator', '?preview=original')).status).toBe(404);
    const { status, headers } = await ask('coordinator', '');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', ...harmless });
    expect(headers['content-disposition']).toMatch(/^attachment;/);
  });

  test.each([
    ['a.png', 'image/png'],
    ['A.JPEG', 'image/jpeg'],
    ['a.html.png', 'image/png'],
    ['a.gif', 'image/gif'],
    ['a.wav', 'audio/wav'],
    ['a.webm', 'video/webm'],
  ])('named %j with a page in it is sent as %s, in which nothing runs', async (name, type) => {
    named(name);
    const { status, headers, body } = await ask('coordinator', '?preview=original');
    expect({ status, body }).toEqual({ status: 200, body: page });
    expect(headers).toMatchObject({ 'content-type': type, ...harmless });
    expect(headers['content-disposition']).toMatch(/^inline;/);
  });

  test('has a name that cannot write another header', async () => {
    named('a";\r\nSet-Cookie: x=1\r\n\r\n<script>.png');
    const { status, headers } = await ask('coordinator', '?preview=original');
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).not.toMatch(/[\r\n]/);
    expect(headers).toMatchObject(harmless);
  });
});

test.each(previewKinds)('the preview %s is sent as its type, whatever a decoder wrote', async (kind) => {
  const { status, headers } = await ask('coordinator', `?preview=${kind}`);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': previewTypes[kind], ...harmless });
  expect(previewTypes[kind]).not.toMatch(/html|xml|svg|pdf|javascript|text/);
});

test.each([
  ['bytes=0-3', 206],
  ['bytes=0-0,2-3', 200],
  ['bytes=5-2', 200],
  ['bytes=-0', 416],
  ['bytes=999-', 416],
  ['bytes=0-99999999999999999999', 206],
  ['lines=1-2', 200],
  [`bytes=${'0-1,'.repeat(1000)}`, 200],
])('a range of %j is answered with %i, and stays harmless', async (Range, status) => {
  for (const query of ['?preview=proxy', '?preview=original']) {
    const answer = await ask('coordinator', query, { headers: { Range } });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    if (status !== 416) expect(answer.headers).toMatchObject(harmless);
  }
});

describe('of a shared file', () => {
  const kinds: (PreviewKind | 'original')[] = [...previewKinds, 'original'];
  let entryId: string;
  let sharee: Person;
  beforeEach(() => {
    const { hub, signedIn } = transfers;
    const project = hub.db.select().from(projects).get()!;
    const owner = signedIn.get('coordinator')!;
    entryId = inTransaction(hub.db, (tx) =>
      insertFile(
        tx,
        hub.ctx,
        { projectId: project.id, ownerId: owner.id, folderId: null },
        { name: 'film.mp4', assetId, sizeBytes: page.length, state: 'stored' },
        { by: owner.id },
      ),
    );
    sharee = hub.createPerson({ name: 'Sharee', project });
    signedIn.set('sharee', sharee);
    signedIn.set('member', hub.createPerson({ project, role: 'coordinator' }));
    signedIn.set('stranger', hub.createPerson({ project: hub.createProject(), role: 'coordinator' }));
    const rights = { canShare: false, canUpdate: false, note: '', createdAt: 1, updatedAt: 1 };
    const who = { sharerId: owner.id, granteeId: sharee.id, granteeEmail: sharee.email };
    const share = { id: hub.ctx.newId('share'), projectId: project.id, entryId, ...who, ...rights };
    hub.db.insert(shares).values(share).run();
  });
  const statuses = async (token: string, headers = {}) => {
    const all = kinds.map((kind) => ask(token, `?preview=${kind}`, { id: entryId, headers }));
    return [...new Set((await Promise.all(all)).map(({ status }) => status))];
  };

  test('every kind is for owner and sharee, and for nobody else', async () => {
    expect(await statuses('coordinator')).toEqual([200]);
    expect(await statuses('sharee')).toEqual([200]);
    for (const token of ['member', 'stranger']) expect(await statuses(token)).toEqual([404]);
    expect(await statuses('nobody')).toEqual([401]);
  });

  test.each([
    ['was revoked', { revokedAt: 2 }],
    ['has expired', { expiresAt: 2 }],
  ])('every kind is gone when the share %s, also for a browser that has it', async (_, end) => {
    const { headers } = await ask('sharee', '?preview=poster', { id: entryId });
    const known = { 'If-None-Match': headers.etag };
    expect((await ask('sharee', '?preview=poster', { id: entryId, headers: known })).status).toBe(304);
    transfers.hub.db.update(shares).set(end).run();
    expect(await statuses('sharee')).toEqual([404]);
    expect(await statuses('sharee', known)).toEqual([404]);
    expect(await statuses('sharee', { Range: 'bytes=0-3' })).toEqual([404]);
  });
});
