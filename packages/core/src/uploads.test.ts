import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError, type ErrorCode } from '@turnover/domain/errors';
import type { BeginUploadInput } from '@turnover/domain/uploads';
import { loadUpload, type Project } from './access.ts';
import type { Person, PersonContext } from './context.ts';
import { openDownload } from './downloads.ts';
import { createRequest, getRequest } from './requests.ts';
import { testHub, type TestHub } from './testing.ts';
import { finishUpload, recordDurableOffset } from './upload-completion.ts';
import { reconcileUploads, truncateToDurable } from './upload-recovery.ts';
import { hashingWork, recordHashed, verifyUpload } from './upload-verification.ts';
import { beginUpload, discardUpload, listUploads } from './uploads.ts';
import {
  listTrash,
  listWorkspace,
  removeEntry,
  renameEntry,
  createFolder,
  restoreEntry,
} from './workspace.ts';

let hub: TestHub;
let project: Project;
let partner: Person;
let ctx: PersonContext;

beforeEach(async () => {
  hub = await testHub();
  project = hub.createProject();
  partner = hub.createPerson({ project, role: 'partner' });
  ctx = hub.as(partner);
});
afterEach(() => hub.close());

const hash = 'a'.repeat(32);
const input = (more: Partial<BeginUploadInput> = {}): BeginUploadInput => ({
  projectId: project.id,
  filename: 'cut.mov',
  sizeBytes: 5,
  replace: false,
  ...more,
});
const list = (folderId: string | null = null) =>
  listWorkspace(ctx, { projectId: project.id, folderId, limit: 100 }).entries;
const rowOf = (id: string) => hub.db.select().from(uploads).where(eq(uploads.id, id)).get()!;

async function send(more: Partial<BeginUploadInput> = {}, as = ctx): Promise<string> {
  const { uploadId } = await beginUpload(as, input(more));
  const { sizeBytes } = rowOf(uploadId);
  appendFileSync(hub.storage.incomingPath(uploadId), Buffer.alloc(sizeBytes, 'x'));
  if (sizeBytes > 0) recordDurableOffset(hub.ctx, uploadId, sizeBytes);
  finishUpload(hub.ctx, uploadId);
  return uploadId;
}

async function codeOf(work: () => unknown): Promise<ErrorCode | 'done'> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

describe('beginning', () => {
  test.each([
    '',
    ' ',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a\u0000b',
    'a\nb',
    'CON',
    'lpt¹.txt',
    'x'.repeat(256),
    'a.',
    '\u202egpj.exe',
  ])('refuses the name %j and makes nothing', async (filename) => {
    expect(await codeOf(() => beginUpload(ctx, input({ filename })))).toBe('name_invalid');
    expect(listUploads(ctx, {})).toEqual([]);
  });

  test('refuses a name that is there, or on its way, in any case and normal form', async () => {
    await send({ filename: 'Café.mov' });
    await beginUpload(ctx, input({ filename: 'other.mov' }));
    expect(await codeOf(() => beginUpload(ctx, input({ filename: 'CAFE\u0301.MOV' })))).toBe('name_taken');
    expect(await codeOf(() => beginUpload(ctx, input({ filename: 'OTHER.mov' })))).toBe('name_taken');
  });

  test('refuses what does not fit, counting what live uploads still need', async () => {
    const freeBytes = 1000;
    const tight = { ...ctx, storage: { ...ctx.storage, freeBytes: async () => freeBytes } };
    await beginUpload(tight, input({ filename: 'first.mov', sizeBytes: 600 }));
    expect(await codeOf(() => beginUpload(tight, input({ sizeBytes: 401 })))).toBe('no_space');
    expect(await codeOf(() => beginUpload(tight, input({ sizeBytes: 400 })))).toBe('done');
    const small = { ...ctx, limits: { ...ctx.limits, maxUploadBytes: 4 } };
    expect(await codeOf(() => beginUpload(small, input({ filename: 'big.mov' })))).toBe('too_large');
  });

  test('makes the folders of a dropped folder once', async () => {
    await send({ filename: 'a.dpx', relativePath: 'Reel 1/frames/a.dpx' });
    await send({ filename: 'b.dpx', relativePath: 'reel 1/FRAMES/b.dpx' });
    const [reel, ...others] = list();
    expect(others).toEqual([]);
    const [frames] = list(reel!.id);
    expect(list(frames!.id).map(({ name }) => name)).toEqual(['a.dpx', 'b.dpx']);
    expect(await codeOf(() => beginUpload(ctx, input({ relativePath: '../cut.mov' })))).toBe('name_invalid');
  });

  test('is not for others: a foreign folder, project or upload is not found', async () => {
    const folder = createFolder(ctx, { projectId: project.id, parentId: null, name: 'Mine' });
    const other = hub.as(hub.createPerson({ project, role: 'coordinator' }));
    const stranger = hub.as(hub.createPerson());
    const { uploadId } = await beginUpload(ctx, input());
    expect(await codeOf(() => beginUpload(other, input({ folderId: folder.id })))).toBe('not_found');
    expect(await codeOf(() => beginUpload(stranger, input()))).toBe('not_found');
    expect(await codeOf(() => loadUpload(hub.db, other.person, uploadId))).toBe('not_found');
  });
});

describe('the last byte', () => {
  test('makes the file appear once, however often it is told', async () => {
    const id = await send();
    finishUpload(hub.ctx, id);
    finishUpload(hub.ctx, id);
    expect(list()).toMatchObject([{ name: 'cut.mov', state: 'verifying', sizeBytes: 5 }]);
    expect(rowOf(id).status).toBe('verifying');
  });

  test('does not count before it is durable, and the offset never goes back', async () => {
    const { uploadId } = await beginUpload(ctx, input());
    recordDurableOffset(hub.ctx, uploadId, 3);
    expect(await codeOf(() => recordDurableOffset(hub.ctx, uploadId, 2))).toBe('upload_gone');
    expect(await codeOf(() => recordDurableOffset(hub.ctx, uploadId, 6))).toBe('upload_gone');
    finishUpload(hub.ctx, uploadId);
    expect(rowOf(uploadId)).toMatchObject({ status: 'uploading', durableOffset: 3 });
  });

  test('that a crash kept from being told is told by the reconciler', async () => {
    const { uploadId } = await beginUpload(ctx, input());
    recordDurableOffset(hub.ctx, uploadId, 5);
    reconcileUploads(hub.ctx);
    reconcileUploads(hub.ctx);
    expect(list()).toHaveLength(1);
  });

  test('does nothing for somebody who lost the right meanwhile', async () => {
    const { uploadId } = await beginUpload(ctx, input());
    recordDurableOffset(hub.ctx, uploadId, 5);
    hub.db.$client.exec('delete from memberships');
    expect(await codeOf(() => finishUpload(hub.ctx, uploadId))).toBe('not_found');
    reconcileUploads(hub.ctx);
    expect(rowOf(uploadId).status).toBe('uploading');
  });

  test('of an empty file is its beginning', async () => {
    const { uploadId } = await beginUpload(ctx, input({ sizeBytes: 0 }));
    expect(rowOf(uploadId).status).toBe('verifying');
  });
});

test('at boot, what was never acknowledged is cut off', async () => {
  const { uploadId } = await beginUpload(ctx, input());
  appendFileSync(hub.storage.incomingPath(uploadId), 'abcde');
  recordDurableOffset(hub.ctx, uploadId, 2);
  await truncateToDurable(hub.ctx);
  expect(readFileSync(hub.storage.incomingPath(uploadId), 'utf8')).toBe('ab');
});

describe('the verdict', () => {
  test('publishes once, and the file can be downloaded from then on', async () => {
    const id = await send();
    const [entry] = list();
    expect(await codeOf(() => openDownload(ctx, entry!.id))).toBe('still_verifying');
    await Promise.all([
      verifyUpload(hub.ctx, id, { xxh128: hash }),
      verifyUpload(hub.ctx, id, { xxh128: hash }),
    ]);
    expect(rowOf(id).status).toBe('complete');
    const { path, name } = openDownload(ctx, entry!.id);
    expect(readFileSync(path, 'utf8')).toBe('xxxxx');
    expect(name).toBe('cut.mov');
    expect(existsSync(hub.storage.incomingPath(id))).toBe(false);
    expect(
      await codeOf(() => openDownload(hub.as(hub.createPerson({ project, role: 'coordinator' })), entry!.id)),
    ).toBe('not_found');
  });

  test('of bytes other than declared keeps them aside and tells both values', async () => {
    const id = await send({ checksum: `md5:${hash}` });
    await verifyUpload(hub.ctx, id, { xxh128: hash, md5: 'b'.repeat(32) });
    expect(list()).toEqual([]);
    expect(listUploads(ctx, {})).toMatchObject([
      { status: 'mismatch', filename: 'cut.mov', mismatch: { declared: hash, computed: 'b'.repeat(32) } },
    ]);
    expect(hub.db.select().from(assets).get()?.state).toBe('rejected');
    await discardUpload(ctx, rowOf(id));
    expect(listUploads(ctx, {})).toEqual([]);
  });

  test('takes the file out of the request it was delivered into', async () => {
    const request = requestFor(partner);
    const id = await send({ requestId: request, checksum: `md5:${hash}` });
    expect(getRequest(ctx, request)).toMatchObject({ fileCount: 1, totalBytes: 5 });
    await verifyUpload(hub.ctx, id, { xxh128: hash, md5: 'b'.repeat(32) });
    expect(getRequest(ctx, request)).toMatchObject({ fileCount: 0, totalBytes: 0 });
  });

  test('recognises a manifest by its content, and the request is one with a checksum', async () => {
    const request = requestFor(partner);
    const id = await send({ requestId: request, filename: 'checksum.txt' });
    await verifyUpload(hub.ctx, id, { xxh128: hash });
    expect(getRequest(ctx, request).withChecksum).toBe(false);
    const text = `${hash}  cut.mov\n`;
    const { uploadId } = await beginUpload(
      ctx,
      input({ requestId: request, filename: 'list.md5', sizeBytes: text.length }),
    );
    appendFileSync(hub.storage.incomingPath(uploadId), text);
    recordDurableOffset(hub.ctx, uploadId, text.length);
    finishUpload(hub.ctx, uploadId);
    await verifyUpload(hub.ctx, uploadId, { xxh128: hash });
    expect(getRequest(ctx, request).withChecksum).toBe(true);
  });
});

test('hashing goes on where it was, and two workers do not undo each other', async () => {
  const { uploadId } = await beginUpload(ctx, input());
  expect(hashingWork(hub.db, 10)).toEqual([]);
  recordDurableOffset(hub.ctx, uploadId, 3);
  expect(hashingWork(hub.db, 10)).toMatchObject([{ id: uploadId, hashedOffset: 0 }]);
  expect(recordHashed(hub.ctx, uploadId, 0, 3, { xxh128: 'state' })).toBe(true);
  expect(recordHashed(hub.ctx, uploadId, 0, 2, { xxh128: 'late' })).toBe(false);
  expect(hashingWork(hub.db, 10)).toEqual([]);
});

describe('the Workspace', () => {
  test('lists folders first, by name, page by page', async () => {
    for (const filename of ['b.mov', 'A.mov']) await send({ filename });
    createFolder(ctx, { projectId: project.id, parentId: null, name: 'Zoo' });
    const first = listWorkspace(ctx, { projectId: project.id, folderId: null, limit: 2 });
    const rest = listWorkspace(ctx, {
      projectId: project.id,
      folderId: null,
      limit: 2,
      cursor: first.nextCursor,
    });
    expect([...first.entries, ...rest.entries].map(({ name }) => name)).toEqual(['Zoo', 'A.mov', 'b.mov']);
    expect(rest.nextCursor).toBeNull();
  });

  test('what is in a deleted folder is out of reach until that is restored', async () => {
    const folder = createFolder(ctx, { projectId: project.id, parentId: null, name: 'Reel' });
    await send({ folderId: folder.id });
    const [file] = list(folder.id);
    const row = hub.db.query.entries
      .findFirst({ where: (entry, { eq: equals }) => equals(entry.id, folder.id) })
      .sync()!;
    removeEntry(ctx, row);
    expect(await codeOf(() => openDownload(ctx, file!.id))).toBe('not_found');
    expect(listTrash(ctx, { projectId: project.id, limit: 10 }).map(({ name }) => name)).toEqual(['Reel']);
    restoreEntry(ctx, row);
    expect(list(folder.id)).toHaveLength(1);
  });

  test('a restored entry whose name was taken meanwhile is refused and stays in the trash', async () => {
    await send();
    const row = hub.db.query.entries.findFirst().sync()!;
    removeEntry(ctx, row);
    await send();
    expect(await codeOf(() => restoreEntry(ctx, row))).toBe('name_taken');
    expect(listTrash(ctx, { projectId: project.id, limit: 10 })).toHaveLength(1);
  });

  test('a rename to its own name in another case is a rename', async () => {
    await send();
    const row = hub.db.query.entries.findFirst().sync()!;
    expect(renameEntry(ctx, row, 'CUT.mov').name).toBe('CUT.mov');
    expect(await codeOf(() => renameEntry(ctx, row, '..'))).toBe('name_invalid');
  });

  test('a file that arrives where its name was taken meanwhile comes under a free one', async () => {
    const { uploadId } = await beginUpload(ctx, input());
    recordDurableOffset(hub.ctx, uploadId, 5);
    await send({ filename: 'other.mov' });
    hub.db.$client.exec("update entries set name = 'cut.mov', name_key = 'cut.mov'");
    finishUpload(hub.ctx, uploadId);
    expect(list().map(({ name }) => name)).toEqual(['cut (2).mov', 'cut.mov']);
  });
});

function requestFor(person: Person): string {
  const coordinator = hub.as(hub.createPerson({ project, role: 'coordinator' }));
  const request = createRequest(coordinator, {
    projectId: project.id,
    name: 'Print master',
    description: '',
    dueAt: null,
    demandsManifest: false,
    assignees: [{ userId: person.id }],
  });
  return request.id;
}
