import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { openDownload } from './downloads.ts';
import { removeFiles } from '../requests/files/files.ts';
import { refusalOf } from '../testing/requests.ts';
import { hash, uploadScene, type UploadScene } from '../testing/uploads.ts';
import { verifyUpload } from '../uploads/verification.ts';
import { removeEntry } from '../workspace/trash.ts';
import { createFolder } from '../workspace/workspace.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;

test('opens an entry only for its owner, once it is verified and until it is removed', async () => {
  const { ctx, hub, people } = scene;
  const upload = await scene.send();
  const [entry] = scene.list();
  expect(await codeOf(() => openDownload(ctx, entry!.id))).toBe('still_verifying');
  await verifyUpload(ctx, upload, { xxh128: hash });
  const { name, sizeBytes, etag, assetId } = openDownload(ctx, entry!.id);
  expect(readFileSync(hub.storage.vaultPath(assetId), 'utf8')).toBe('xxxxx');
  expect({ name, sizeBytes, etag }).toEqual({ name: 'cut.mov', sizeBytes: 5, etag: `"${assetId}"` });
  expect(await codeOf(() => openDownload(hub.as(people.coordinator), entry!.id))).toBe('not_found');
  removeEntry(ctx, scene.entry(entry!.id));
  expect(await codeOf(() => openDownload(ctx, entry!.id))).toBe('not_found');
});

test('opens a delivered file under its own name for people who may download in the project', async () => {
  const { ctx, hub, people } = scene;
  const request = scene.createRequest();
  const fileId = scene.deliver(request, 'Reel 1/cut.mov', people.uploader);
  for (const person of [people.partner, people.coordinator, people.reviewer]) {
    expect(openDownload(hub.as(person), fileId).name).toBe('cut.mov');
  }
  expect(await codeOf(() => openDownload(hub.as(people.uploader), fileId))).toBe('forbidden');
  expect(await codeOf(() => openDownload(hub.as(people.workspace), fileId))).toBe('not_found');
  removeFiles(ctx, request, { fileIds: [fileId] });
  expect(await codeOf(() => openDownload(ctx, fileId))).toBe('not_found');
});

test('rejects folders, assets, uploads and invalid ids', async () => {
  const { ctx, hub, project } = scene;
  const folder = createFolder(ctx, { projectId: project.id, parentId: null, name: 'Reel' });
  const fileId = scene.deliver(scene.createRequest(), 'cut.mov');
  const { assetId } = hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, fileId)).get()!;
  const upload = await scene.send();
  for (const id of [
    folder.id,
    assetId,
    upload,
    '',
    '../turnover.db',
    `${fileId}\u0000`,
    hub.ctx.newId('entry'),
  ]) {
    expect(await codeOf(() => openDownload(ctx, id))).toBe('not_found');
  }
});
