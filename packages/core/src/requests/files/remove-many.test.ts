import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileSelection } from '@turnover/domain/requests/files';
import { claim } from '../../jobs.ts';
import { runRemoval, type RemovalJob } from './remove-many.ts';
import { submitRequest } from '../actions.ts';
import { clearFiles, removeFiles } from './files.ts';
import { requestEvents } from '../history.ts';
import { getRequest } from '../edit.ts';
import { undoRemove } from './restore.ts';
import { currentRequest } from '../transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const as = (role: 'coordinator' | 'partner') => scene.hub.as(scene.people[role]);

function requestOf(files: number) {
  const request = scene.createRequest();
  const { db } = scene.hub;
  const assetId = scene.createAsset('frame');
  const insert = db.$client.prepare(
    `insert into delivered_files (id, request_id, path, path_key, sequence_key, frame, asset_id, is_manifest, delivered_by, added_at, added_round)
     values (?, ?, ?, ?, '/shot.#.exr', ?, ?, 0, ?, ?, 1)`,
  );
  db.$client.transaction(() => {
    for (let frame = 0; frame < files; frame++) {
      const path = `shot.${String(frame).padStart(6, '0')}.exr`;
      const { partner, uploader } = scene.people;
      const by = frame < 3 ? uploader.id : partner.id;
      insert.run(
        scene.hub.ctx.newId('deliveredFile'),
        request.id,
        path,
        path,
        frame,
        assetId,
        by,
        scene.hub.clock.now,
      );
    }
  })();
  db.$client
    .prepare('update requests set file_count = ?, total_bytes = ? where id = ?')
    .run(files, files * 5, request.id);
  return request;
}

async function runJob() {
  const job = claim(scene.hub.ctx, ['removeFiles']) as RemovalJob;
  await runRemoval(scene.hub.ctx, job);
}

test('the worker removes many files, and nothing else can change the request until it ends', async () => {
  const request = requestOf(2500);
  const [kept] = scene.hub.db.$client
    .prepare('select id from delivered_files limit 1')
    .pluck()
    .all() as string[];
  const done = removeFiles(as('partner'), request, { allExcept: [kept!] });
  expect(done).toMatchObject({ removed: 2499 });
  expect(getRequest(as('partner'), request.id)).toMatchObject({
    isRemoving: true,
    fileCount: 2500,
    possible: { submit: { code: 'still_removing' } },
  });
  expect((await refusalOf(() => submitRequest(as('partner'), request))).code).toBe('still_removing');
  expect((await refusalOf(() => scene.deliver(request, 'new.exr'))).code).toBe('still_removing');
  expect((await refusalOf(() => clearFiles(as('partner'), request))).code).toBe('still_removing');
  await runJob();
  expect(scene.countersOf(request)).toEqual({ fileCount: 1, totalBytes: 5, manifestCount: 0 });
  expect(scene.countersOf(request)).toEqual(scene.recount(request));
  expect(currentRequest(scene.hub.db, request.id).removal).toBeNull();
  const recorded = requestEvents(as('coordinator'), request, { limit: 10 });
  expect(recorded.map(({ kind, data }) => [kind, data.count]).toSorted()).toEqual([
    ['file.removed', 2496],
    ['file.removed', 3],
  ]);
  scene.deliver(request, 'new.exr');
});

test('after a crash, the next attempt removes the rest and records all files in one event', async () => {
  const request = requestOf(1500);
  clearFiles(as('partner'), request);
  const first = claim(scene.hub.ctx, ['removeFiles']) as RemovalJob;
  const running = runRemoval(scene.hub.ctx, first);
  // The worker loses its lease after the first batch.
  scene.hub.db.$client.prepare(`update jobs set lease_token = 'gone' where kind = 'removeFiles'`).run();
  await expect(running).rejects.toThrow();
  const left = scene.countersOf(request).fileCount;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(1500);
  scene.hub.clock.advance(60_000);
  await runJob();
  expect(scene.pathsIn(request)).toEqual([]);
  const recorded = requestEvents(as('coordinator'), request, { limit: 10 });
  expect(recorded.reduce((sum, { data }) => sum + Number(data.count), 0)).toBe(1500);
});

test('the worker removes a long sequence, but not the excluded frames or other files', async () => {
  const request = requestOf(1500);
  scene.deliver(request, 'mix.wav');
  const allExcept = scene.hub.db.$client
    .prepare('select id from delivered_files where path = ?')
    .pluck()
    .all('shot.000000.exr') as string[];
  const selection = { allExcept, sequenceId: '/shot.#.exr' };
  expect(removeFiles(as('partner'), request, selection)).toEqual({ removed: 1499, undo: null });
  await runJob();
  expect(scene.pathsIn(request)).toEqual(['mix.wav', 'shot.000000.exr']);
  expect(scene.countersOf(request)).toEqual(scene.recount(request));
});

test.each<[string, FileSelection, string[]]>([
  ['sequences', { fileIds: [], sequenceIds: ['a/s.#.exr'] }, ['b/s.1.exr', 'b/s.2.exr', 'mix.wav']],
  ['all but some sequences', { allExcept: [], exceptSequences: ['a/s.#.exr'] }, ['a/s.1.exr', 'a/s.2.exr']],
  ['sequences that are not there', { allExcept: [], exceptSequences: ['c/s.#.exr'] }, []],
])('removes %s at once, and can undo it', (_what, selection, left) => {
  const request = scene.createRequest();
  const all = ['a/s.1.exr', 'a/s.2.exr', 'b/s.1.exr', 'b/s.2.exr', 'mix.wav'];
  for (const path of all) scene.deliver(request, path);
  const { removed, undo } = removeFiles(as('partner'), request, selection);
  expect(scene.pathsIn(request)).toEqual(left);
  expect(removed).toBe(all.length - left.length);
  undoRemove(as('partner'), request, undo!);
  expect(scene.pathsIn(request)).toEqual(all);
});

test('does not remove frames of a sequence of another request', async () => {
  const [request, other] = [scene.createRequest(), scene.createRequest()];
  for (const path of ['s.1.exr', 's.2.exr']) scene.deliver(other, path);
  const remove = () => removeFiles(as('partner'), request, { fileIds: [], sequenceIds: ['/s.#.exr'] });
  expect((await refusalOf(remove)).code).toBe('conflict');
  expect(scene.pathsIn(other)).toHaveLength(2);
});

test('can undo a removal during which the clock moves on', () => {
  const request = scene.createRequest();
  scene.deliver(request, 'mix.wav');
  const slowly = { ...as('partner'), clock: () => (scene.hub.clock.now += 1) };
  const { undo } = removeFiles(slowly, request, { allExcept: [] });
  undoRemove(slowly, request, undo!);
  expect(scene.pathsIn(request)).toEqual(['mix.wav']);
});
