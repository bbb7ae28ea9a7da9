import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assets, previewRuns } from '@turnover/db/schema/assets';
import { openDownload } from '../assets/downloads.ts';
import { refusalOf } from '../testing/requests.ts';
import { hash, otherHash, uploadScene, type UploadScene } from '../testing/uploads.ts';
import { recordDurableOffset } from './completion.ts';
import { hashingWork, recordHashed, verifyUpload } from './verification.ts';
import { discardUpload } from './uploads.ts';
import { currentRequest } from '../requests/transitions.ts';
import { addFromWorkspace } from '../workspace/deliver.ts';
import { getEntry } from '../workspace/workspace.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const stateOf = () => scene.hub.db.select().from(assets).get()?.state;
const verified = (id: string, md5?: string) =>
  verifyUpload(scene.ctx, id, md5 ? { xxh128: hash, md5 } : { xxh128: hash });
const deliverEntries = (requestId: string) =>
  addFromWorkspace(scene.ctx, currentRequest(scene.hub.db, requestId), {
    entryIds: scene.list().map(({ id }) => id),
    replace: false,
    clearExisting: false,
  });

describe('hashing', () => {
  test("continues at the last offset, and two workers do not undo each other's progress", async () => {
    const id = await scene.begin();
    expect(hashingWork(scene.hub.db, 10)).toEqual([]);
    recordDurableOffset(scene.ctx, id, 3);
    expect(hashingWork(scene.hub.db, 10)).toMatchObject([{ id, hashedOffset: 0 }]);
    expect(recordHashed(scene.ctx, id, 0, 3, { xxh128: 'state' })).toBe(true);
    expect(recordHashed(scene.ctx, id, 0, 2, { xxh128: 'late' })).toBe(false);
    expect(scene.rowOf(id)).toMatchObject({ hashedOffset: 3, hashState: { xxh128: 'state' } });
    expect(hashingWork(scene.hub.db, 10)).toEqual([]);
  });

  test('takes complete uploads first, because somebody waits for the result', async () => {
    await scene.fill({ filename: 'growing.mov' });
    const whole = await scene.send({ filename: 'whole.mov' });
    expect(hashingWork(scene.hub.db, 1)).toMatchObject([{ id: whole }]);
    await scene.begin({ filename: 'empty.txt', sizeBytes: 0 });
    expect(hashingWork(scene.hub.db, 10)).toHaveLength(3);
  });
});

describe('the thumbnail', () => {
  test('of a picture is queued when it arrives in a Workspace, but not for files that take long', async () => {
    for (const filename of ['still.png', 'grade.tif', 'cut.mov', 'shot.0001.exr', 'mix.wav'])
      await verified(await scene.send({ filename }));
    const request = scene.createRequest();
    await verified(await scene.send({ filename: 'poster.jpg', requestId: request.id }));
    const runs = scene.hub.db.select().from(previewRuns).all();
    expect(runs.map(({ name, askedBy }) => [name, askedBy])).toEqual([
      ['still.png', scene.ctx.person.id],
      ['grade.tif', scene.ctx.person.id],
    ]);
  });
});

describe('bytes that match', () => {
  test('are published once, even by several workers, and can then be downloaded', async () => {
    const id = await scene.send({ checksum: `md5:${otherHash.toUpperCase()}` });
    const [entry] = scene.list();
    let results: unknown[] = [];
    const written = await scene.eventsOf(async () => {
      results = await Promise.all(Array.from({ length: 8 }, () => verified(id, otherHash)));
    });
    expect(written).toEqual(['upload.changed to its owner', 'workspace.changed to its owner']);
    expect(results.filter((result) => result !== null)).toEqual(['complete']);
    expect(scene.rowOf(id)).toMatchObject({ status: 'complete', hashState: null });
    const { assetId } = openDownload(scene.ctx, entry!.id);
    expect(readFileSync(scene.hub.storage.vaultPath(assetId), 'utf8')).toBe('xxxxx');
    expect(existsSync(scene.hub.storage.incomingPath(id))).toBe(false);
    expect(getEntry(scene.ctx, scene.entry(entry!.id))).toMatchObject({
      state: 'stored',
      checksums: [
        { algorithm: 'md5', source: 'computed', value: otherHash },
        { algorithm: 'md5', source: 'declared', value: otherHash },
        { algorithm: 'xxh128', source: 'computed', value: hash },
      ],
    });
  });

  test('are recorded after a crash between the link and the commit', async () => {
    const id = await scene.send();
    await scene.hub.storage.publish(id, scene.rowOf(id).assetId!);
    await verified(id);
    expect(stateOf()).toBe('stored');
  });

  test('are not published before every needed hash is computed', async () => {
    const id = await scene.send({ checksum: `md5:${hash}` });
    await expect(verified(id)).rejects.toThrow('no md5');
    await expect(verifyUpload(scene.ctx, id, { md5: hash })).rejects.toThrow('no xxh128');
    expect(scene.rowOf(id).status).toBe('verifying');
  });

  test('do not change a result that is already recorded', async () => {
    const id = await scene.send({ checksum: `md5:${hash}` });
    await verified(id, otherHash);
    await verified(id, hash);
    expect(scene.rowOf(id).status).toBe('mismatch');
  });
});

describe('bytes that differ from the declared checksum', () => {
  test('are quarantined, and the sender sees both checksums until they dismiss the notice', async () => {
    const id = await scene.send({ checksum: `md5:${hash}` });
    const [entry] = scene.list();
    const written = await scene.eventsOf(() =>
      Promise.all([verified(id, otherHash), verified(id, otherHash)]),
    );
    expect(written).toEqual(['upload.mismatch to its owner', 'workspace.changed to its owner']);
    expect(scene.list()).toEqual([]);
    expect(stateOf()).toBe('rejected');
    expect(existsSync(join(scene.hub.folder, 'quarantine', `${id}.part`))).toBe(true);
    expect(existsSync(scene.hub.storage.vaultPath(scene.rowOf(id).assetId!))).toBe(false);
    expect(await codeOf(() => openDownload(scene.ctx, entry!.id))).toBe('not_found');
    const mismatch = { algorithm: 'md5', declared: hash, computed: otherHash };
    expect(scene.listed()).toMatchObject([{ status: 'mismatch', filename: 'cut.mov', mismatch }]);
    await discardUpload(scene.ctx, scene.rowOf(id));
    expect(scene.listed()).toEqual([]);
  });

  test('are removed from the request, and the replaced file is restored', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'cut.mov');
    const before = scene.countersOf(request);
    const id = await scene.send({ requestId: request.id, replace: true, checksum: `md5:${hash}` });
    const written = await scene.eventsOf(() => verified(id, otherHash));
    expect(written).toEqual(['upload.mismatch in the request', 'file.restored in the request']);
    expect(scene.pathsIn(request)).toEqual(['cut.mov']);
    expect(scene.countersOf(request)).toEqual(before);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('are removed, with an event, from every request that got them from the Workspace', async () => {
    const request = scene.createRequest();
    const id = await scene.send({ checksum: `md5:${hash}` });
    await deliverEntries(request.id);
    const written = await scene.eventsOf(() => verified(id, otherHash));
    expect(written).toContain('upload.mismatch in the request');
    expect(scene.countersOf(request)).toEqual({ fileCount: 0, totalBytes: 0, manifestCount: 0 });
  });
});

describe('a checksum list', () => {
  const list = `${hash}  cut.mov\n`;

  test.each([
    ['checksum.txt', 'checksum.txt', list, 1],
    ['checksum.txt', 'Reel 1/frames/checksum.txt', list, 1],
    ['cut.mov.md5', 'cut.mov.md5', list, 1],
    ['checksum.txt', 'checksum.txt', 'They will follow tomorrow.\n', 0],
    ['notes.txt', 'notes.txt', list, 0],
  ])(
    '%s at %s is recognised by its name and content',
    async (filename, relativePath, content, manifestCount) => {
      const request = scene.createRequest();
      const id = await scene.send({ requestId: request.id, filename, relativePath }, content);
      expect(scene.countersOf(request).manifestCount).toBe(0);
      await verified(id);
      await verified(id);
      expect(scene.countersOf(request).manifestCount).toBe(manifestCount);
      expect(scene.countersOf(request)).toEqual(scene.recount(request));
    },
  );

  test('that is delivered from a Workspace before it is verified is recognised when it is published', async () => {
    const request = scene.createRequest();
    const id = await scene.send({ filename: 'checksum.txt' }, list);
    await deliverEntries(request.id);
    expect(scene.countersOf(request).manifestCount).toBe(0);
    await verified(id);
    expect(scene.countersOf(request)).toMatchObject({ fileCount: 1, manifestCount: 1 });
  });
});
