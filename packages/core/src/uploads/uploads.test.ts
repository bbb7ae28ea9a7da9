import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lastSegment, maxPathDepth } from '@turnover/domain/names/names';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { recordDurableOffset } from './completion.ts';
import { discardUpload, listUploads } from './uploads.ts';
import { removeEntry } from '../workspace/trash.ts';
import { createFolder } from '../workspace/workspace.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const incoming = () => readdirSync(join(scene.hub.folder, 'incoming'));

describe('beginning an upload', () => {
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
  ])('refuses the name %j and creates nothing', async (filename) => {
    expect(await codeOf(() => scene.begin({ filename }))).toBe('name_invalid');
    expect(scene.listed()).toEqual([]);
    expect(incoming()).toEqual([]);
  });

  test('refuses a name that is present or uploading, in any case and normal form, and names it', async () => {
    await scene.send({ filename: 'Café.mov' });
    await scene.begin({ filename: 'other.mov' });
    expect(await refusalOf(() => scene.begin({ filename: 'CAFE\u0301.MOV' }))).toEqual({
      code: 'name_taken',
      details: { name: 'Café.mov' },
    });
    expect(await refusalOf(() => scene.begin({ filename: 'OTHER.mov' }))).toEqual({
      code: 'name_taken',
      details: { name: 'other.mov', by: 'upload' },
    });
    expect(incoming()).toHaveLength(2);
  });

  test('writes nothing to the disk when it is refused', async () => {
    const { ctx, hub, people, createRequest, put } = scene;
    const storage = {
      ...ctx.storage,
      freeBytes: async () => 1000,
      createIncoming: async () => expect.unreachable(),
    };
    const guarded = { ...ctx, storage };
    expect(await codeOf(() => scene.begin({ sizeBytes: 1001 }, guarded))).toBe('no_space');
    expect(await codeOf(() => scene.begin({ projectId: hub.createProject().id }, guarded))).toBe('not_found');
    const request = createRequest();
    const reviewer = { ...hub.as(people.reviewer), storage };
    expect(await codeOf(() => scene.begin({ requestId: request.id }, reviewer))).toBe('forbidden');
    put(request, 'processed');
    expect(await codeOf(() => scene.begin({ requestId: request.id }, guarded))).toBe('status_forbids');
  });

  test('begins only one of several uploads that start at once with the same name', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => scene.begin()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(incoming()).toHaveLength(1);
  });

  test('refuses a file that does not fit next to the missing bytes of other uploads', async () => {
    const { ctx } = scene;
    const tight = { ...ctx, storage: { ...ctx.storage, freeBytes: async () => 1000 } };
    const first = await scene.begin({ filename: 'first.mov', sizeBytes: 600 }, tight);
    expect(await refusalOf(() => scene.begin({ sizeBytes: 401 }, tight))).toEqual({
      code: 'no_space',
      details: { neededBytes: 401, availableBytes: 400, limitedBy: 'disk' },
    });
    const reserving = { ...tight, limits: { ...ctx.limits, spaceReserveBytes: 1 } };
    expect(await codeOf(() => scene.begin({ sizeBytes: 400 }, reserving))).toBe('no_space');
    recordDurableOffset(ctx, first, 100);
    await scene.begin({ sizeBytes: 500 }, tight);
    await discardUpload(ctx, scene.rowOf(first));
    await scene.begin({ filename: 'third.mov', sizeBytes: 500 }, tight);
    const small = { ...ctx, limits: { ...ctx.limits, maxUploadBytes: 4 } };
    expect(await codeOf(() => scene.begin({ filename: 'big.mov' }, small))).toBe('too_large');
  });

  test('never reserves more than the free space for many uploads at once', async () => {
    const { ctx } = scene;
    const tight = { ...ctx, storage: { ...ctx.storage, freeBytes: async () => 1000 } };
    const many = Array.from({ length: 20 }, (_, index) =>
      scene.begin({ filename: `${index}.mov`, sizeBytes: 300 }, tight),
    );
    await Promise.allSettled(many);
    expect(scene.listed()).toHaveLength(3);
    expect(incoming()).toHaveLength(3);
  });

  test('completes an empty file at once', async () => {
    const id = await scene.begin({ sizeBytes: 0 });
    expect(scene.rowOf(id).status).toBe('verifying');
    expect(scene.names()).toEqual(['cut.mov']);
  });

  test('throws not_found for folders and projects of other people', async () => {
    const { ctx, hub, project, people } = scene;
    const folder = createFolder(ctx, { projectId: project.id, parentId: null, name: 'Mine' });
    const other = hub.as(people.coordinator);
    expect(await codeOf(() => scene.begin({ folderId: folder.id }, other))).toBe('not_found');
    expect(await codeOf(() => scene.begin({}, hub.as(hub.createPerson())))).toBe('not_found');
    removeEntry(ctx, scene.entry(folder.id));
    expect(await codeOf(() => scene.begin({ folderId: folder.id }))).toBe('changed_meanwhile');
  });
});

describe('a dropped folder', () => {
  test('is created once in the Workspace, and its owner’s page reloads at once', async () => {
    const written = await scene.eventsOf(() =>
      scene.begin({ filename: 'a.dpx', relativePath: 'Reel 1/frames/a.dpx' }),
    );
    // One event, for the existing folder: no page can show a new folder yet.
    expect(written).toEqual(['workspace.changed to its owner', 'upload.changed to its owner']);
    await Promise.all(
      ['b.dpx', 'c.dpx'].map((filename) =>
        scene.send({ filename, relativePath: `reel 1/FRAMES/${filename}` }),
      ),
    );
    const [reel, ...others] = scene.list();
    expect(others).toEqual([]);
    const [frames] = scene.list(reel!.id);
    expect(scene.names(frames!.id)).toEqual(['b.dpx', 'c.dpx']);
  });

  test('is refused when its path contains a present or uploading file as a folder', async () => {
    await scene.send({ filename: 'Reel' });
    await scene.begin({ filename: 'Frames' });
    for (const folder of ['reel', 'FRAMES']) {
      const begin = () => scene.begin({ filename: 'a.dpx', relativePath: `${folder}/a.dpx` });
      expect(await codeOf(begin)).toBe('name_taken');
    }
  });

  test('cannot lead outside its target', async () => {
    for (const relativePath of ['../cut.mov', '/cut.mov', 'a//cut.mov', 'a\\cut.mov']) {
      expect(await codeOf(() => scene.begin({ relativePath }))).toBe('name_invalid');
    }
    expect(await codeOf(() => scene.begin({ relativePath: 'reel/other.mov' }))).toBe('invalid_input');
    expect(scene.list()).toEqual([]);
  });

  test('cannot exceed the maximum depth at its target', async () => {
    const path = (levels: number) => [...Array.from({ length: levels - 1 }, () => 'a'), 'cut.mov'].join('/');
    await scene.begin({ relativePath: path(maxPathDepth) });
    const [folder] = scene.list();
    expect(
      await refusalOf(() => scene.begin({ folderId: folder!.id, relativePath: path(maxPathDepth) })),
    ).toMatchObject({ code: 'name_invalid', details: { problem: 'too_deep' } });
  });
});

describe('an upload into a request', () => {
  test('keeps the path, and refuses names of present and uploading files and of their folders', async () => {
    const { id: requestId } = scene.createRequest();
    await scene.send({ requestId, filename: 'a.dpx', relativePath: 'Reel/a.dpx' });
    await scene.begin({ requestId, filename: 'b.dpx', relativePath: 'Reel/b.dpx' });
    await scene.begin({ requestId, filename: 'Stems' });
    expect(scene.pathsIn({ id: requestId })).toEqual(['Reel/a.dpx']);
    for (const path of [
      'reel/A.dpx',
      'reel/B.dpx',
      'Reel',
      'Reel/a.dpx/c.dpx',
      'Reel/b.dpx/c.dpx',
      'stems/x',
    ]) {
      const filename = lastSegment(path);
      expect(await codeOf(() => scene.begin({ requestId, filename, relativePath: path }))).toBe('name_taken');
    }
    // The error names the folder of an uploading file, but no file in it.
    await scene.begin({ requestId, filename: 'secret.mov', relativePath: 'Cuts/secret.mov' });
    await expect(scene.begin({ requestId, filename: 'cuts' })).rejects.toMatchObject({
      details: { name: 'Cuts', by: 'upload' },
    });
    expect(scene.list()).toEqual([]);
  });

  test('is refused for system files in any folder', async () => {
    const { id: requestId } = scene.createRequest();
    // A Mac's `Icon\r` is not a valid name either, but suggesting a better name would help nobody.
    for (const path of ['.DS_Store', 'Reel/Thumbs.db', 'Icon\r']) {
      const file = { requestId, filename: lastSegment(path), relativePath: path };
      expect((await refusalOf(() => scene.begin(file))).details.rule).toBe('system_file');
    }
    expect(incoming()).toEqual([]);
  });

  test('refuses a second replacement of a file until the first one has arrived', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'cut.mov');
    const replacement = { requestId: request.id, replace: true };
    const first = await scene.begin(replacement);
    expect(await refusalOf(() => scene.begin(replacement))).toMatchObject({
      code: 'name_taken',
      details: { by: 'upload' },
    });
    await discardUpload(scene.ctx, scene.rowOf(first));
    await scene.begin(replacement);
  });

  test('is refused because of permission, project, status or checksum before the first byte', async () => {
    const { hub, people, createRequest, deliver, put } = scene;
    const request = createRequest();
    const into = { requestId: request.id };
    deliver(request, 'cut.mov', people.partner);
    const uploader = hub.as(people.uploader);
    expect(await codeOf(() => scene.begin({ ...into, replace: true }, uploader))).toBe('name_taken');
    expect(await codeOf(() => scene.begin(into, hub.as(people.reviewer)))).toBe('forbidden');
    expect(await codeOf(() => scene.begin(into, hub.as(people.workspace)))).toBe('not_found');
    const elsewhere = hub.createProject();
    hub.addMember(elsewhere, people.partner, 'partner');
    expect(await codeOf(() => scene.begin({ ...into, projectId: elsewhere.id }))).toBe('not_found');
    put(request, 'processed');
    expect(await codeOf(() => scene.begin({ ...into, filename: 'new.mov' }))).toBe('status_forbids');
    const frozen = createRequest({ demandsManifest: true });
    deliver(frozen, 'cut.mov', people.partner);
    expect(await codeOf(() => scene.begin({ requestId: frozen.id, replace: true }))).toBe('checksum_forbids');
    expect(incoming()).toEqual([]);
  });
});

describe('the list of uploads', () => {
  test('contains the person’s own unfinished uploads, and those into a request if the role may see them', async () => {
    const { hub, people, ctx } = scene;
    const { id: requestId } = scene.createRequest();
    await scene.begin({ filename: 'private.mov' });
    await scene.begin({ requestId, filename: 'theirs.mov' });
    await scene.begin({ requestId, filename: 'own.mov' }, hub.as(people.uploader));
    const filesOf = (uploads: { filename: string }[]) => uploads.map(({ filename }) => filename).sort();
    expect(filesOf(scene.listed())).toEqual(['private.mov', 'theirs.mov']);
    expect(filesOf(listUploads(ctx, { requestId }))).toEqual(['own.mov', 'theirs.mov']);
    expect(filesOf(listUploads(hub.as(people.uploader), { requestId }))).toEqual(['own.mov']);
    expect(filesOf(listUploads(hub.as(people.coordinator), {}))).toEqual([]);
    expect(await codeOf(() => listUploads(hub.as(people.workspace), { requestId }))).toBe('not_found');
  });

  test('throws not_found after the membership has ended', async () => {
    const { hub, project } = scene;
    await scene.begin();
    hub.db.$client.exec('delete from memberships');
    expect(scene.listed()).toEqual([]);
    expect(await codeOf(() => listUploads(scene.ctx, { projectId: project.id }))).toBe('not_found');
  });
});

describe('discarding an upload', () => {
  test('frees the name and the space once, and writes an event', async () => {
    const id = await scene.begin();
    const written = await scene.eventsOf(() => discardUpload(scene.ctx, scene.rowOf(id)));
    expect(written).toEqual(['upload.discarded to its owner']);
    expect(existsSync(scene.hub.storage.incomingPath(id))).toBe(false);
    expect(await codeOf(() => discardUpload(scene.ctx, scene.rowOf(id)))).toBe('conflict');
    expect(await codeOf(() => recordDurableOffset(scene.ctx, id, 5))).toBe('upload_gone');
    await scene.begin();
  });

  test('notifies the sender when another person discards an upload into a request', async () => {
    const { hub, people } = scene;
    const upload = scene.rowOf(await scene.begin({ requestId: scene.createRequest().id }));
    const written = await scene.eventsOf(() => discardUpload(hub.as(people.coordinator), upload));
    expect(written).toEqual(['upload.discarded in the request', 'notification.changed to its owner']);
  });

  test('throws a conflict for a finished upload', async () => {
    const id = await scene.send();
    expect(await codeOf(() => discardUpload(scene.ctx, scene.rowOf(id)))).toBe('conflict');
    expect(scene.names()).toEqual(['cut.mov']);
  });
});
