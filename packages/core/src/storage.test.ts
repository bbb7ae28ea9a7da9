import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
/** What an empty mount point looks like. */
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
    expect(await storage.hasIncoming(uploadId)).toBe(false);
  });

  test('never changes a file that is there', async () => {
    await receive('first');
    await storage.publish(uploadId, assetId);
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
  'while the disk of the folder “%s” is not there',
  (name) => {
    test('nothing is published, and the upload stays', async () => {
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

    test('its free space counts for nothing', async () => {
      expect(await storage.freeBytes()).toBeGreaterThan(0);
      unmark(name);
      await expect(storage.freeBytes()).rejects.toMatchObject({ details: { reason: 'not_there' } });
    });
  },
);

test('the marker of another hub is no marker', async () => {
  writeMarker(join(folder, 'vault'), { hubId: newId('hub'), folderId: null });
  await expect(storage.freeBytes()).rejects.toMatchObject({ details: { reason: 'not_there' } });
});

test('there is no space while the reserve of the database is used up', async () => {
  let isWhole = true;
  storage = await openLocalStorage(folder, { hubId, reserve: { isWhole: () => isWhole } });
  expect(await storage.freeBytes()).toBeGreaterThan(0);
  isWhole = false;
  expect([storage.isSpaceLow(), await storage.freeBytes()]).toEqual([true, 0]);
});
