import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { events } from '@turnover/db/schema/events';
import { removeFiles } from '../requests/files/files.ts';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { finishUpload, recordDurableOffset } from './completion.ts';
import { reconcileUploads, sweepIncoming, truncateToDurable } from './recovery.ts';
import { discardUpload } from './uploads.ts';
import { removeEntry } from '../workspace/trash.ts';
import { createFolder } from '../workspace/workspace.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const partOf = (id: string) => scene.hub.storage.incomingPath(id);
const quarantined = (id: string) => existsSync(join(scene.hub.folder, 'quarantine', `${id}.part`));

describe('the last byte', () => {
  test('makes the file appear once, even when it is reported several times', async () => {
    const id = await scene.fill();
    const written = await scene.eventsOf(() => {
      for (let times = 0; times < 3; times++) finishUpload(scene.ctx, id);
    });
    expect(written).toEqual(['workspace.changed to its owner', 'upload.changed to its owner']);
    expect(scene.list()).toMatchObject([{ name: 'cut.mov', state: 'verifying', sizeBytes: 5 }]);
    expect(scene.rowOf(id).status).toBe('verifying');
  });

  test('counts only when it is durable, and the durable offset never decreases', async () => {
    const id = await scene.begin();
    recordDurableOffset(scene.ctx, id, 3);
    expect(await codeOf(() => recordDurableOffset(scene.ctx, id, 2))).toBe('upload_gone');
    expect(await codeOf(() => recordDurableOffset(scene.ctx, id, 6))).toBe('upload_gone');
    finishUpload(scene.ctx, id);
    expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', durableOffset: 3 });
  });

  test('signals the number of received bytes at most once in two seconds', async () => {
    const request = scene.createRequest();
    const id = await scene.begin({ requestId: request.id });
    scene.hub.clock.now += 2000 - (scene.hub.clock.now % 2000);
    const signals = () => scene.hub.db.select().from(events).where(eq(events.kind, 'upload.progress')).all();
    for (const offset of [1, 2]) recordDurableOffset(scene.ctx, id, offset);
    scene.hub.clock.advance(2000);
    recordDurableOffset(scene.ctx, id, 3);
    expect(signals()).toMatchObject([
      { requestId: request.id, data: { uploadId: id, bytes: 1 } },
      { requestId: request.id, data: { uploadId: id, bytes: 3 } },
    ]);
    // The last byte needs no signal, because the file appears.
    scene.hub.clock.advance(2000);
    recordDurableOffset(scene.ctx, id, 5);
    expect(signals()).toHaveLength(2);
  });

  test('delivers a file into a request, replaces the present file, and writes events for everybody who sees it', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'cut.mov');
    const id = await scene.fill({ requestId: request.id, replace: true });
    const written = await scene.eventsOf(() => finishUpload(scene.ctx, id));
    expect(written).toEqual([
      'file.replaced in the request',
      'file.added in the request',
      'upload.changed in the request',
    ]);
    expect(scene.countersOf(request)).toEqual({ fileCount: 1, totalBytes: 5, manifestCount: 0 });
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('puts the file into the root under a free name when its folder is in the trash', async () => {
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    const id = await scene.fill({ folderId: folder.id });
    await scene.send();
    removeEntry(scene.ctx, scene.entry(folder.id));
    finishUpload(scene.ctx, id);
    expect(scene.names()).toEqual(['cut (2).mov', 'cut.mov']);
  });

  test('finds a free name even when the name is too long to append a number', async () => {
    const filename = `${'映'.repeat(83)}.mov`;
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    const id = await scene.fill({ folderId: folder.id, filename });
    await scene.send({ filename });
    removeEntry(scene.ctx, scene.entry(folder.id));
    finishUpload(scene.ctx, id);
    expect(scene.names()).toContain(`${'映'.repeat(82)} (2).mov`);
  });
});

describe('an upload that cannot be completed', () => {
  test('stays with all its bytes until the request takes files again', async () => {
    const request = scene.createRequest();
    const id = await scene.fill({ requestId: request.id });
    scene.put(request, 'cancelled');
    expect(await codeOf(() => finishUpload(scene.ctx, id))).toBe('status_forbids');
    reconcileUploads(scene.ctx);
    expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', durableOffset: 5, assetId: null });
    expect(scene.listed()).toMatchObject([{ id, durableBytes: 5, sizeBytes: 5 }]);
    scene.put(request, 'open');
    reconcileUploads(scene.ctx);
    expect(scene.pathsIn(request)).toEqual(['cut.mov']);
  });

  test('can be discarded', async () => {
    const request = scene.createRequest();
    const id = await scene.fill({ requestId: request.id });
    scene.put(request, 'cancelled');
    await discardUpload(scene.ctx, scene.rowOf(id));
    scene.put(request, 'open');
    reconcileUploads(scene.ctx);
    expect(scene.pathsIn(request)).toEqual([]);
  });

  test.each([
    ['the membership', 'delete from memberships', 'not_found'],
    ['the assignment', 'delete from request_assignees', 'not_found'],
    ['the account', 'update users set disabled_at = 1', 'forbidden'],
  ])('stays incomplete because %s ended, and does not block others', async (_, statement, code) => {
    const request = scene.createRequest();
    const id = await scene.fill({ requestId: request.id });
    scene.hub.db.$client.exec(statement);
    expect(await codeOf(() => finishUpload(scene.ctx, id))).toBe(code);
    reconcileUploads(scene.ctx);
    expect(scene.rowOf(id).status).toBe('uploading');
    expect(scene.pathsIn(request)).toEqual([]);
  });
});

describe('after a crash', () => {
  test('completes an upload, once, whose process died after the last byte', async () => {
    await scene.fill();
    reconcileUploads(scene.ctx);
    reconcileUploads(scene.ctx);
    expect(scene.names()).toEqual(['cut.mov']);
  });

  test('deletes bytes that were never acknowledged', async () => {
    const id = await scene.begin();
    writeFileSync(partOf(id), 'abcde');
    recordDurableOffset(scene.ctx, id, 2);
    await truncateToDurable(scene.ctx);
    expect(readFileSync(partOf(id), 'utf8')).toBe('ab');
    expect(scene.rowOf(id).status).toBe('uploading');
  });

  test('gives up an upload that lacks acknowledged bytes, and never continues after a gap', async () => {
    const [short, missing] = [await scene.fill(), await scene.begin({ filename: 'other.mov' })];
    truncateSync(partOf(short), 3);
    await scene.hub.storage.removeIncoming(missing);
    await truncateToDurable(scene.ctx);
    reconcileUploads(scene.ctx);
    expect([scene.rowOf(short).status, scene.rowOf(missing).status]).toEqual(['discarded', 'discarded']);
    expect(scene.list()).toEqual([]);
    expect(quarantined(short)).toBe(true);
    expect(scene.hub.logged.filter(({ event }) => event === 'upload.bytesLost')).toHaveLength(2);
  });

  test('deletes only empty files without a row; quarantines files with bytes at most', async () => {
    const [live, verifying, ...ended] = [
      await scene.fill(),
      await scene.send({ filename: 'b.mov' }),
      await scene.fill({ filename: 'c.mov' }),
      await scene.send({ filename: 'd.mov' }),
      await scene.send({ filename: 'e.mov' }),
    ] as const;
    const neverReturned = scene.hub.ctx.newId('upload');
    const unknown = scene.hub.ctx.newId('upload');
    writeFileSync(partOf(neverReturned), '');
    writeFileSync(partOf(unknown), 'bytes');
    const end = scene.hub.db.$client.prepare('update uploads set status = ? where id = ?');
    for (const [index, status] of ['discarded', 'mismatch', 'complete'].entries())
      end.run(status, ended[index]);
    await sweepIncoming(scene.ctx);
    const kept = [live, verifying, unknown, neverReturned, ...ended].map((id) => existsSync(partOf(id)));
    expect(kept).toEqual([true, true, true, false, false, false, false]);
    expect(ended.map((id) => quarantined(id))).toEqual([true, true, true]);
  });
});

test('does not bring back a file that was removed while it was verified', async () => {
  const request = scene.createRequest();
  await scene.send({ requestId: request.id });
  removeFiles(scene.ctx, request, { allExcept: [] });
  expect(scene.countersOf(request)).toEqual({ fileCount: 0, totalBytes: 0, manifestCount: 0 });
});
