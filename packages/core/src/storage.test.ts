import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markerName, writeMarker } from '@turnover/db/folder-markers';
import { openLocalStorage, type LocalStorage } from './storage.ts';
import { idsFrom } from './ids.ts';

const newId = idsFrom(() => 0);
const hubId = newId('hub');
const [uploadId, assetId] = [newId('upload'), newId('asset')];

let folder: string;
let storage: LocalStorage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-test-'));
  storage = await openLocalStorage(folder, { hubId });
  for (const name of ['', 'vault', 'incoming', 'quarantine']) mark(name);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mark = (name: string) => writeMarker(join(folder, name), { hubId, folderId: null });
/** Makes the folder look like an empty mount point. */
const unmark = (name: string) => rmSync(join(folder, name, markerName));

async function receive(content: string): Promise<void> {
  await storage.createIncoming(uploadId);
  writeFileSync(storage.incomingPath(uploadId), content);
}

describe('publishing', () => {
  test('makes the upload the file of the asset, also when it is repeated', async () => {
    await receive('bytes');
    await storage.publish(uploadId, assetId);
    await storage.publish(uploadId, assetId);
    expect(readFileSync(storage.vaultPath(assetId), 'utf8')).toBe('bytes');
  });

  test('keeps the bytes under the name of the upload until its result is recorded', async () => {
    await receive('bytes');
    await storage.publish(uploadId, assetId);
    expect(readFileSync(storage.incomingPath(uploadId), 'utf8')).toBe('bytes');
    await storage.removeIncoming(uploadId);
    expect(readFileSync(storage.vaultPath(assetId), 'utf8')).toBe('bytes');
  });

  test('never changes an existing file', async () => {
    await receive('first');
    await storage.publish(uploadId, assetId);
    await storage.removeIncoming(uploadId);
    await receive('second');
    await storage.publish(uploadId, assetId);
    expect(readFileSync(storage.vaultPath(assetId), 'utf8')).toBe('first');
  });

  test('fails for an upload without a file', async () => {
    await expect(storage.publish(uploadId, assetId)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(storage.vaultPath(assetId))).toBe(false);
  });
});

describe.each(['', 'vault', 'incoming', 'quarantine'])(
  'while the disk of the folder “%s” is not mounted',
  (name) => {
    test('publishes nothing, and keeps the upload', async () => {
      await receive('bytes');
      unmark(name);
      await expect(storage.publish(uploadId, assetId)).rejects.toMatchObject({
        code: 'unavailable',
        details: { reason: 'not_there' },
      });
      expect(readdirSync(join(folder, 'vault')).filter((each) => each !== markerName)).toEqual([]);
      expect(readFileSync(storage.incomingPath(uploadId), 'utf8')).toBe('bytes');
      mark(name);
      await storage.publish(uploadId, assetId);
      expect(readFileSync(storage.vaultPath(assetId), 'utf8')).toBe('bytes');
    });

    test('does not count its free space', async () => {
      expect(await storage.freeBytes()).toBeGreaterThan(0);
      unmark(name);
      await expect(storage.freeBytes()).rejects.toMatchObject({ details: { reason: 'not_there' } });
    });
  },
);

test('does not accept the marker of another hub', async () => {
  writeMarker(join(folder, 'vault'), { hubId: newId('hub'), folderId: null });
  await expect(storage.freeBytes()).rejects.toMatchObject({ details: { reason: 'not_there' } });
});

test('reports no free space while the reserve of the database is used up', async () => {
  let isWhole = true;
  storage = await openLocalStorage(folder, { hubId, reserve: { isWhole: () => isWhole } });
  expect(await storage.freeBytes()).toBeGreaterThan(0);
  isWhole = false;
  expect([storage.isSpaceLow(), await storage.freeBytes()]).toEqual([true, 0]);
});

describe('previews', () => {
  async function makePreview(content: string) {
    const attempt = await storage.openPreviewFolder('attempt');
    writeFileSync(join(attempt.path, 'poster'), content);
    return attempt;
  }

  test('are stored next to the asset, and replaced when they are made again', async () => {
    for (const content of ['first', 'second one']) {
      const attempt = await makePreview(content);
      expect(await attempt.keep(assetId, ['poster'])).toEqual([
        { kind: 'poster', sizeBytes: content.length },
      ]);
      await attempt.remove();
      const file = await storage.openPreview(assetId, 'poster');
      expect(await file.readFile('utf8')).toBe(content);
      await file.close();
    }
    await storage.removePreviews(assetId);
    await expect(storage.openPreview(assetId, 'poster')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('an attempt after a crash starts with an empty folder', async () => {
    await makePreview('left behind');
    const { path } = await storage.openPreviewFolder('attempt');
    expect(readdirSync(path)).toEqual([]);
  });

  test('deletes folders of attempts that ended', async () => {
    const { path } = await makePreview('left behind');
    expect(await storage.removeOldPreviewFolders(statSync(path).mtimeMs)).toBe(0);
    expect(await storage.removeOldPreviewFolders(statSync(path).mtimeMs + 1)).toBe(1);
    expect(existsSync(path)).toBe(false);
  });
});
