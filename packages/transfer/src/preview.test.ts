// Previews go to everybody who may see the file, originals to those who may download it, and nothing in either can run.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordPreviews } from '@turnover/core/previews';
import type { Person } from '@turnover/core/context';
import { insertFile } from '@turnover/core/entries/tree';
import type { TestHub } from '@turnover/core/testing/hub';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { assetPreviews, assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { memberships, projects } from '@turnover/db/schema/projects';
import { shares } from '@turnover/db/schema/shares';
import { deliveredFiles, requestAssignees } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import type { Role } from '@turnover/domain/people/projects';
import { startTransfers, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let ids: { film: string; page: string };
let assetId: string;

beforeEach(async () => {
  transfers = await startTransfers();
  const { hub, signedIn } = transfers;
  const bytes = Buffer.from('<script>alert(1)</script>');
  const files = ['Reel 1/film.mp4', 'page.html'].map((path) => ({ path, bytes, xxh128: '0'.repeat(32) }));
  const { coordinator, request, fileIds } = createSampleDelivery(hub, files);
  ids = { film: fileIds[0]!, page: fileIds[1]! };
  const project = { id: request.projectId };
  signedIn.set('coordinator', coordinator.person);
  for (const role of ['partner', 'uploader', 'reviewer', 'workspace'] satisfies Role[]) {
    signedIn.set(role, hub.createPerson({ name: role, project, role }));
  }
  for (const role of ['partner', 'uploader']) {
    const assigned = { id: hub.ctx.newId('assignee'), requestId: request.id, userId: signedIn.get(role)!.id };
    hub.db.insert(requestAssignees).values(assigned).run();
  }
  signedIn.set('unassigned', hub.createPerson({ project, role: 'partner' }));
  signedIn.set('owner', hub.createPerson({ isOwner: true }));
  signedIn.set('stranger', hub.createPerson({ project: hub.createProject(), role: 'coordinator' }));
  assetId = hub.db
    .select()
    .from(deliveredFiles)
    .all()
    .find(({ id }) => id === ids.film)!.assetId;
  const attempt = await hub.storage.openPreviewFolder('attempt');
  for (const kind of ['poster', 'proxy', 'peaks']) writeFileSync(join(attempt.path, kind), `the ${kind}`);
  const previews = await attempt.keep(assetId, ['poster', 'proxy', 'peaks']);
  inTransaction(hub.db, (tx) => recordPreviews(tx, hub.ctx, assetId, previews));
});
afterEach(() => transfers.close());

const ask = (token: string, query: string, { id = ids.film, headers = {}, method = 'GET' } = {}) =>
  transfers.ask(method, `/files/${id}${query}`, {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
const statusOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).status;

describe('a preview', () => {
  test('is shown in the page as a type in which nothing can run', async () => {
    const { status, headers, body } = await ask('reviewer', '?preview=poster');
    expect({ status, body }).toEqual({ status: 200, body: 'the poster' });
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-cache',
    });
    expect(headers['content-disposition']).toMatch(/^inline;/);
  });

  test('without a kind is the best one that exists', async () => {
    expect((await ask('reviewer', '?preview')).body).toBe('the proxy');
  });

  test('is sent in parts, and not sent again to a client that already has it', async () => {
    const part = await ask('reviewer', '?preview=proxy', { headers: { Range: 'bytes=4-5' } });
    expect(part).toMatchObject({ status: 206, body: 'pr' });
    expect(part.headers['content-range']).toBe('bytes 4-5/9');
    const headers = { 'If-None-Match': part.headers.etag };
    expect(await statusOf('reviewer', '?preview=proxy', { headers })).toBe(304);
  });

  test.each([
    ['coordinator', 200],
    ['partner', 200],
    ['reviewer', 200],
    // The file was not uploaded by this person.
    ['uploader', 404],
    ['unassigned', 404],
    ['workspace', 404],
    ['owner', 404],
    ['stranger', 404],
    ['nobody', 401],
  ])('answers %s with %i', async (token, status) => {
    expect(await statusOf(token, '?preview=poster')).toBe(status);
    expect(await statusOf(token, '?preview=original')).toBe(status);
  });

  test('of their own file is shown to an uploader, who may not download the original', async () => {
    const { hub, signedIn } = transfers;
    hub.db
      .update(deliveredFiles)
      .set({ deliveredBy: signedIn.get('uploader')!.id })
      .run();
    expect(await statusOf('uploader', '?preview=poster')).toBe(200);
    expect(await statusOf('uploader', '?preview=original')).toBe(403);
  });

  test('is not available after the membership has ended', async () => {
    transfers.hub.db.delete(memberships).run();
    expect(await statusOf('coordinator', '?preview=poster')).toBe(404);
  });

  test.each(['strip', 'nothing', '../peaks', 'poster%00', 'constructor'])('%s is not found', async (kind) => {
    expect(await statusOf('coordinator', `?preview=${kind}`)).toBe(404);
  });

  test('is not found under the id of the asset, and for a file without previews', async () => {
    expect(await statusOf('coordinator', '?preview=poster', { id: assetId })).toBe(404);
    expect(await statusOf('coordinator', '?preview', { id: ids.page })).toBe(404);
  });

  test('is not found when its file is missing, as after a restored backup', async () => {
    await transfers.hub.storage.removePreviews(assetId);
    expect(await statusOf('coordinator', '?preview=poster')).toBe(404);
  });

  test('is not found once the bytes are set aside', async () => {
    transfers.hub.db.update(assets).set({ state: 'quarantined' }).run();
    expect(await statusOf('coordinator', '?preview=poster')).toBe(404);
  });

  test('stays visible in its round after the file was removed, until its bytes are let go', async () => {
    const { db } = transfers.hub;
    db.update(deliveredFiles).set({ removedAt: 1, removal: 'removed' }).run();
    expect(await statusOf('coordinator', '?preview=poster')).toBe(200);
    expect(await statusOf('coordinator', '?preview=original')).toBe(404);
    db.update(deliveredFiles).set({ purgedAt: 2 }).run();
    expect(await statusOf('coordinator', '?preview=poster')).toBe(404);
  });

  test('only reads', async () => {
    expect(await statusOf('coordinator', '?preview=poster', { method: 'POST' })).toBe(405);
  });
});

describe('of an entry', () => {
  let entryId: string;
  beforeEach(() => {
    const { hub, signedIn } = transfers;
    const scene = workspaceOf(hub, signedIn.get('coordinator')!);
    entryId = scene.entryId;
    signedIn.set('sharee', scene.sharee);
    signedIn.set('former sharee', scene.former);
  });
  const asked = (token: string, query: string) => statusOf(token, query, { id: entryId });

  test.each([
    ['coordinator', 200],
    ['sharee', 200],
    ['former sharee', 404],
    ['partner', 404],
    ['reviewer', 404],
    ['owner', 404],
    ['stranger', 404],
    ['nobody', 401],
  ])('a preview and the original answer %s with %i', async (token, status) => {
    expect(await asked(token, '?preview=poster')).toBe(status);
    expect(await asked(token, '?preview=original')).toBe(status);
    expect(await asked(token, '')).toBe(status);
  });

  test('nothing is shown while the entry is in the trash', async () => {
    transfers.hub.db.update(entries).set({ deletedAt: 1 }).run();
    expect(await asked('coordinator', '?preview=poster')).toBe(404);
    expect(await asked('sharee', '?preview=poster')).toBe(404);
  });
});

/** The bytes of the film once more, in the Workspace of the coordinator, who shared it with two and took one share back. */
function workspaceOf(hub: TestHub, person: Person) {
  const project = hub.db.select().from(projects).get()!;
  const entryId = inTransaction(hub.db, (tx) =>
    insertFile(
      tx,
      hub.ctx,
      { projectId: project.id, ownerId: person.id, folderId: null },
      { name: 'film.mp4', assetId, sizeBytes: 25, state: 'stored' },
      { by: person.id },
    ),
  );
  const [sharee, former] = ['Sharee', 'Former'].map((name) => hub.createPerson({ name, project }));
  const give = ({ id, email }: Person, revokedAt: number | null) =>
    hub.db
      .insert(shares)
      .values({
        ...{ id: hub.ctx.newId('share'), projectId: project.id, entryId, sharerId: person.id, granteeId: id },
        ...{
          granteeEmail: email,
          canShare: false,
          canUpdate: false,
          note: '',
          createdAt: 1,
          updatedAt: 1,
          revokedAt,
        },
      })
      .run();
  give(sharee!, null);
  give(former!, 2);
  return { entryId, sharee: sharee!, former: former! };
}

describe('an original', () => {
  test('that browsers can play is served with the type of its name, whatever it contains', async () => {
    const { status, headers } = await ask('reviewer', '?preview=original');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'video/mp4', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  test('that could run in a page is never shown', async () => {
    expect(await statusOf('coordinator', '?preview=original', { id: ids.page })).toBe(404);
    const { headers } = await ask('coordinator', '', { id: ids.page });
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream' });
    expect(headers['content-disposition']).toMatch(/^attachment;/);
  });

  test('needs no preview', async () => {
    transfers.hub.db.delete(assetPreviews).run();
    expect(await statusOf('coordinator', '?preview=original')).toBe(200);
  });

  test('reveals nothing about the disk when reading fails', async () => {
    rmSync(transfers.hub.storage.vaultPath(assetId));
    const answer = await ask('coordinator', '?preview=original');
    expect(answer.status).toBe(503);
    expect(answer.body).not.toMatch(/ENOENT|vault/);
  });
});
