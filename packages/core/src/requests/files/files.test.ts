import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { and, eq } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { decide } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import { requestStatuses } from '@turnover/domain/requests/machine';
import type { DeliveredFile, DeliveryRequest } from '../../access.ts';
import { addFiles } from './add.ts';
import { listRequestFiles, viewFile } from './list.ts';
import { clearFiles, removeFiles, renameFile } from './files.ts';
import { restoreEveryFile, restoreFile, undoRemove } from './restore.ts';
import { requestEvents } from '../history.ts';
import { currentRequest } from '../transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const fileOf = (id: string): DeliveredFile =>
  scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
const partner = () => scene.hub.as(scene.people.partner);
const coordinator = () => scene.hub.as(scene.people.coordinator);
const update = (request: DeliveryRequest, facts: Partial<DeliveryRequest>) =>
  scene.hub.db.update(requests).set(facts).where(eq(requests.id, request.id)).run();

describe('whether files can change', () => {
  const cases = requestStatuses.flatMap((status) =>
    [false, true].map((withChecksum) => ({ status, withChecksum })),
  );

  test.each(cases)('$status, with a checksum $withChecksum', async ({ status, withChecksum }) => {
    const request = scene.createRequest({ demandsManifest: withChecksum });
    const id = scene.deliver(request, 'a.wav');
    scene.put(request, status);
    const changeable = status === 'open' || status === 'redelivery';
    const processing = status === 'submitted' || status === 'processing';
    const oneByOne = processing
      ? 'processing_forbids'
      : withChecksum
        ? 'checksum_forbids'
        : changeable
          ? undefined
          : 'status_forbids';
    const asAWhole = processing ? 'processing_forbids' : changeable ? undefined : 'status_forbids';
    const [view] = listRequestFiles(partner(), currentRequest(scene.hub.db, request.id), { limit: 10 }).files;
    expect([view!.possible.rename?.code, view!.possible.remove?.code]).toEqual([oneByOne, oneByOne]);
    const rename = () => renameFile(partner(), { id }, 'b.wav');
    const remove = () => removeFiles(partner(), request, { fileIds: [id] });
    const clear = () => clearFiles(partner(), request);
    if (oneByOne) {
      expect((await refusalOf(rename)).code).toBe(oneByOne);
      expect((await refusalOf(remove)).code).toBe(oneByOne);
      expect(scene.pathsIn(request)).toEqual(['a.wav']);
    } else {
      await rename();
      expect(scene.pathsIn(request)).toEqual(['b.wav']);
    }
    if (asAWhole) expect((await refusalOf(clear)).code).toBe(asAWhole);
    else expect(clear()).toMatchObject({ removed: 1 });
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('a live stage prevents changes in any status', async () => {
    const request = scene.createRequest();
    const busy = scene.deliver(request, 'busy.wav');
    const free = scene.deliver(request, 'free.wav');
    scene.startStage(request, busy);
    expect((await refusalOf(() => renameFile(partner(), { id: busy }, 'x.wav'))).code).toBe(
      'processing_forbids',
    );
    expect((await refusalOf(() => removeFiles(partner(), request, { allExcept: [free] }))).code).toBe(
      'processing_forbids',
    );
    expect((await refusalOf(() => clearFiles(partner(), request))).code).toBe('processing_forbids');
    expect((await refusalOf(() => scene.deliver(request, 'busy.wav', undefined, true))).code).toBe(
      'processing_forbids',
    );
    await renameFile(partner(), { id: free }, 'freed.wav');
    scene.hub.db.update(stageRuns).set({ status: 'done' }).where(eq(stageRuns.fileId, busy)).run();
    await renameFile(partner(), { id: busy }, 'idle.wav');
    expect(scene.pathsIn(request)).toEqual(['freed.wav', 'idle.wav']);
  });

  test.each(roles)('follows the grants of the role %s', async (role) => {
    const request = scene.createRequest();
    const own = scene.deliver(request, 'own.wav', scene.people[role]);
    const foreign = scene.deliver(request, 'foreign.wav', scene.people.coordinator);
    const ctx = scene.hub.as(scene.people[role]);
    const relation = { role, isOwner: false, assigned: role === 'partner' || role === 'uploader' };
    const attempts = [
      {
        permission: 'file:rename',
        deliveredIt: true,
        run: () => renameFile(ctx, { id: own }, 'mine.wav'),
      },
      {
        permission: 'file:rename',
        deliveredIt: role === 'coordinator',
        run: () => renameFile(ctx, { id: foreign }, 'theirs.wav'),
      },
      { permission: 'file:remove', run: () => removeFiles(ctx, request, { fileIds: [own] }) },
      { permission: 'file:clear', run: () => clearFiles(ctx, request) },
      { permission: 'request:update', run: () => restoreFile(ctx, { id: own }) },
    ] as const;
    for (const { permission, run, ...of } of attempts) {
      const verdict = decide(permission, { ...relation, ...of });
      if (verdict === 'granted') await run();
      else {
        const { code } = await refusalOf(run);
        expect(code, permission).toBe(verdict === 'hidden' ? 'not_found' : 'forbidden');
      }
    }
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });
});

describe('adding files', () => {
  test('refuses a taken name in any case and normal form', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'Über/Straße.wav');
    const refusal = await refusalOf(() => scene.deliver(request, 'u\u0308BER/STRASSE.WAV'));
    expect(refusal).toEqual({ code: 'name_taken', details: { name: 'Über/Straße.wav', count: 1 } });
  });

  test('refuses a path that is both a file and a folder', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'reel/1/a.dpx');
    scene.deliver(request, 'b');
    expect((await refusalOf(() => scene.deliver(request, 'Reel'))).code).toBe('name_taken');
    expect((await refusalOf(() => scene.deliver(request, 'reel/1', undefined, true))).code).toBe(
      'name_taken',
    );
    expect((await refusalOf(() => scene.deliver(request, 'B/c.dpx'))).code).toBe('name_taken');
    scene.deliver(request, 'reel 2');
    scene.deliver(request, 'reel/1/b.dpx');
  });

  test('names the folder that has the name, but no file in it', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'Reel/1/secret.dpx');
    const refusal = await refusalOf(() => scene.deliver(request, 'reel'));
    expect(refusal).toEqual({ code: 'name_taken', details: { name: 'Reel', count: 1 } });
    expect((await refusalOf(() => scene.deliver(request, 'reel/1'))).details.name).toBe('Reel/1');
  });

  test('refuses two files with one name in one delivery, and adds neither', async () => {
    const request = scene.createRequest();
    const deliveries = ['Über.wav', 'a.wav', 'ÜBER.wav'].map((path) => ({
      path,
      assetId: scene.createAsset('same bytes'),
      sizeBytes: 1,
      isManifest: false,
    }));
    const terms = { deliveredBy: scene.people.partner.id, replace: false };
    const { hub } = scene;
    const refusal = await refusalOf(() =>
      inTransaction(hub.db, (tx) => addFiles(tx, hub.ctx, request, deliveries, terms)),
    );
    expect(refusal).toEqual({ code: 'name_taken', details: { name: 'ÜBER.wav', count: 1 } });
    expect(scene.pathsIn(request)).toEqual([]);
  });

  test('keeps a replaced file in its submitted round', () => {
    const request = scene.createRequest();
    const old = scene.deliver(request, 'a.wav');
    update(request, { status: 'redelivery', round: 2 });
    scene.deliver(request, 'A.wav', undefined, true);
    expect(fileOf(old)).toMatchObject({ addedRound: 1, removedRound: 2, removal: 'replaced' });
    expect(scene.pathsIn(request)).toEqual(['A.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('replaces files only for people who may remove them, and never in a request with a checksum list', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'a.wav');
    expect(await refusalOf(() => scene.deliver(request, 'a.wav', scene.people.uploader, true))).toEqual({
      code: 'forbidden',
      details: { permission: 'file:remove' },
    });
    update(request, { demandsManifest: true });
    expect((await refusalOf(() => scene.deliver(request, 'a.wav', undefined, true))).code).toBe(
      'checksum_forbids',
    );
  });

  test.each(requestStatuses.filter((status) => status !== 'open' && status !== 'redelivery'))(
    'is refused in %s',
    async (status) => {
      const request = scene.createRequest({ status });
      expect((await refusalOf(() => scene.deliver(request, 'a.wav'))).code).toBe('status_forbids');
      expect(scene.countersOf(request)).toEqual({ fileCount: 0, totalBytes: 0, manifestCount: 0 });
    },
  );
});

describe('renaming a file', () => {
  test('changes the last segment and records both names', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'reel 1/a.dpx');
    await renameFile(partner(), { id }, 'A.dpx');
    expect(scene.pathsIn(request)).toEqual(['reel 1/A.dpx']);
    expect(requestEvents(partner(), request, { limit: 1 })[0]).toMatchObject({
      kind: 'file.renamed',
      data: { fileId: id, from: 'reel 1/a.dpx', to: 'reel 1/A.dpx' },
    });
  });

  test.each([
    ['', 'empty'],
    ['..', 'dots'],
    ['a/b', 'slash'],
    ['a\u0000b', 'control'],
    ['CON.wav', 'reserved'],
    ['é'.repeat(128), 'too_long'],
  ])('refuses %j: %s', async (name, problem) => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    const { code, details } = await refusalOf(() => renameFile(partner(), { id }, name));
    expect([code, details.problem]).toEqual(['name_invalid', problem]);
  });

  test('returns not_found for a file that does not exist', async () => {
    const rename = () => renameFile(coordinator(), { id: 'fil_none' }, 'b.wav');
    expect((await refusalOf(rename)).code).toBe('not_found');
  });

  test('refuses the name of a system file', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    const { code, details } = await refusalOf(() => renameFile(partner(), { id }, '.DS_Store'));
    expect([code, details.rule]).toEqual(['rules_unmet', 'system_file']);
    expect(scene.pathsIn(request)).toEqual(['a.wav']);
  });

  test('refuses the name of a present or uploading file', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    scene.deliver(request, 'b.wav');
    scene.createUpload(request, 'c.wav', 'uploading');
    for (const name of ['B.WAV', 'C.wav']) {
      expect((await refusalOf(() => renameFile(partner(), { id }, name))).code).toBe('name_taken');
    }
  });

  test('makes the file a checksum list when its new name and its content are those of a list', async () => {
    const request = scene.createRequest();
    const list = scene.createAsset(`${'0'.repeat(32)}  a.wav\n`);
    const files = { 'list.txt': list, 'notes.txt': scene.createAsset('Nothing but notes.\n') };
    for (const [path, assetId] of Object.entries(files)) {
      const id = scene.deliver(request, path);
      scene.hub.db.update(deliveredFiles).set({ assetId }).where(eq(deliveredFiles.id, id)).run();
      update(request, { totalBytes: scene.recount(request).totalBytes });
    }
    const ids = scene.hub.db
      .select()
      .from(deliveredFiles)
      .where(eq(deliveredFiles.requestId, request.id))
      .all();
    const idOf = (path: string) => ids.find((file) => file.path === path)!;
    await renameFile(partner(), idOf('notes.txt'), 'notes.md5');
    expect(scene.countersOf(request).manifestCount).toBe(0);
    await renameFile(partner(), idOf('list.txt'), 'checksum.txt');
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
    expect((await refusalOf(() => renameFile(partner(), idOf('list.txt'), 'list.txt'))).code).toBe(
      'checksum_forbids',
    );
    clearFiles(partner(), request);
    expect(scene.countersOf(request)).toEqual({ fileCount: 0, totalBytes: 0, manifestCount: 0 });
  });
});

describe('removing and restoring', () => {
  test('removes all except some, with one event for each deliverer', () => {
    const request = scene.createRequest();
    const kept = scene.deliver(request, 'kept.wav');
    for (let number = 1; number <= 7; number++) scene.deliver(request, `${number}.wav`);
    scene.deliver(request, 'theirs.wav', scene.people.uploader);
    expect(removeFiles(partner(), request, { allExcept: [kept] })).toMatchObject({ removed: 8 });
    expect(scene.pathsIn(request)).toEqual(['kept.wav']);
    const recorded = scene.hub.db
      .select()
      .from(events)
      .where(and(eq(events.requestId, request.id), eq(events.kind, 'file.removed')))
      .all();
    expect(Object.fromEntries(recorded.map(({ deliveredBy, data }) => [deliveredBy, data]))).toEqual({
      [scene.people.partner.id]: { count: 7, names: ['1.wav', '2.wav', '3.wav', '4.wav', '5.wav'] },
      [scene.people.uploader.id]: { count: 1, names: ['theirs.wav'] },
    });
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('throws a conflict for files that are already removed, and for files of other requests', async () => {
    const request = scene.createRequest();
    const other = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    expect((await refusalOf(() => removeFiles(partner(), other, { fileIds: [id] }))).code).toBe('conflict');
    removeFiles(partner(), request, { fileIds: [id] });
    expect((await refusalOf(() => removeFiles(coordinator(), request, { fileIds: [id] }))).code).toBe(
      'conflict',
    );
  });

  test('restores the same row in the same round', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    const before = fileOf(id);
    removeFiles(partner(), request, { fileIds: [id] });
    expect(restoreFile(coordinator(), { id }).id).toBe(id);
    expect(fileOf(id)).toEqual(before);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
    expect((await refusalOf(() => restoreFile(coordinator(), { id }))).code).toBe('conflict');
  });

  test('adds a new row with the same bytes in a later round', () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    update(request, { status: 'redelivery', round: 2 });
    clearFiles(partner(), request);
    update(request, { status: 'redelivery', round: 3 });
    const { id: restored } = restoreFile(coordinator(), { id });
    expect(restored).not.toBe(id);
    expect(fileOf(id)).toMatchObject({ addedRound: 1, removedRound: 2 });
    expect(fileOf(restored)).toMatchObject({ addedRound: 3, assetId: fileOf(id).assetId, removedAt: null });
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('does not restore a file while the request takes none', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    clearFiles(partner(), request);
    scene.put(request, 'accepted');
    expect((await refusalOf(() => restoreFile(coordinator(), { id }))).code).toBe('status_forbids');
    expect(await restoreEveryFile(coordinator(), request)).toMatchObject({
      restored: 0,
      refusal: { code: 'status_forbids' },
    });
    expect(scene.pathsIn(request)).toEqual([]);
  });

  test('does not restore a file when its name is taken', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    removeFiles(partner(), request, { fileIds: [id] });
    scene.deliver(request, 'A.wav');
    expect((await refusalOf(() => restoreFile(coordinator(), { id }))).code).toBe('name_taken');
  });

  test('restores all files that it can, the newest of each name, and states for the others why not', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'a.wav');
    const older = scene.deliver(request, 'b.wav');
    removeFiles(partner(), request, { fileIds: [older] });
    scene.hub.clock.advance(1000);
    scene.deliver(request, 'b.wav');
    clearFiles(partner(), request);
    expect(await restoreEveryFile(coordinator(), request)).toMatchObject({
      restored: 2,
      refused: 1,
      refusal: { code: 'name_taken' },
    });
    expect(scene.pathsIn(request)).toEqual(['a.wav', 'b.wav']);
    expect(fileOf(older).removedAt).not.toBeNull();
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
    expect(await restoreEveryFile(partner(), request)).toMatchObject({ refusal: { code: 'forbidden' } });
  });
});

describe('undo', () => {
  const removed = (names: string[]) => {
    const request = scene.createRequest();
    const fileIds = names.map((name) => scene.deliver(request, name));
    const { undo } = removeFiles(partner(), request, { fileIds });
    return { request, undo: undo! };
  };

  test('restores what the same person has just removed, with one event for each deliverer', () => {
    const { request, undo } = removed(['a.wav', 'b.wav']);
    expect(undoRemove(partner(), request, undo)).toMatchObject({ restored: 2 });
    expect(scene.pathsIn(request)).toEqual(['a.wav', 'b.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
    const [last] = requestEvents(partner(), request, { before: null, limit: 1 });
    expect(last).toMatchObject({ kind: 'file.restored', data: { count: 2, names: ['a.wav', 'b.wav'] } });
  });

  test('is refused for other people, after a minute, and when the status no longer allows it', async () => {
    const { request, undo } = removed(['a.wav']);
    expect((await refusalOf(() => undoRemove(coordinator(), request, undo))).code).toBe('conflict');
    scene.put(request, 'submitted');
    expect((await refusalOf(() => undoRemove(partner(), request, undo))).code).toBe('status_forbids');
    scene.put(request, 'open');
    scene.hub.clock.advance(60_001);
    expect((await refusalOf(() => undoRemove(partner(), request, undo))).code).toBe('conflict');
    expect(scene.pathsIn(request)).toEqual([]);
  });

  test('restores everything or nothing', async () => {
    const { request, undo } = removed(['a.wav', 'b.wav']);
    scene.deliver(request, 'b.wav');
    expect((await refusalOf(() => undoRemove(partner(), request, undo))).code).toBe('name_taken');
    expect(scene.pathsIn(request)).toEqual(['b.wav']);
  });
});

describe('two people rename the same file', () => {
  test('tells the second person who renamed the file and to what, and overwrites nothing', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'reel 1/a.wav');
    await renameFile(partner(), { id }, 'b.wav', 'a.wav');
    expect(await refusalOf(() => renameFile(coordinator(), { id }, 'c.wav', 'a.wav'))).toEqual({
      code: 'changed_meanwhile',
      details: { what: 'renamed', name: 'b.wav', by: 'partner' },
    });
    expect(scene.pathsIn(request)).toEqual(['reel 1/b.wav']);
    await renameFile(coordinator(), { id }, 'c.wav', 'b.wav');
    expect(scene.pathsIn(request)).toEqual(['reel 1/c.wav']);
  });

  test('also when the first renaming created a new row, because the old one belongs to a round', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav');
    update(request, { status: 'redelivery', round: 2 });
    await renameFile(partner(), { id }, 'b.wav');
    expect((await refusalOf(() => renameFile(coordinator(), { id }, 'c.wav', 'a.wav'))).details).toEqual({
      what: 'renamed',
      name: 'b.wav',
      by: 'partner',
    });
  });

  test('tells who removed the file, if the reader may know that person', async () => {
    const request = scene.createRequest();
    const id = scene.deliver(request, 'a.wav', scene.people.uploader);
    removeFiles(partner(), request, { fileIds: [id] });
    const gone = { what: 'removed', name: 'a.wav' };
    expect((await refusalOf(() => renameFile(coordinator(), { id }, 'b.wav'))).details).toEqual({
      ...gone,
      by: 'partner',
    });
    const uploader = scene.hub.as(scene.people.uploader);
    expect((await refusalOf(() => renameFile(uploader, { id }, 'b.wav'))).details).toEqual({
      ...gone,
      by: null,
    });
    expect(viewFile(coordinator(), id).removal).toMatchObject({ how: 'removed', by: { name: 'partner' } });
    expect(viewFile(uploader, id).removal).toMatchObject({ how: 'removed', by: null });
  });
});

test('cannot restore the row that a file had before it was renamed', async () => {
  const request = scene.createRequest();
  const id = scene.deliver(request, 'first.wav');
  scene.put(request, 'redelivery');
  update(request, { round: 2 });
  const { id: renamedId } = await renameFile(partner(), { id }, 'second.wav');
  expect(renamedId).not.toBe(id);
  expect((await refusalOf(() => restoreFile(coordinator(), { id }))).code).toBe('not_found');
  expect(scene.pathsIn(request)).toEqual(['second.wav']);
});
