import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CollisionChoice, EntrySelection } from '@turnover/domain/workspace/entries';
import { beginUploadInput } from '@turnover/domain/workspace/uploads';
import type { PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { revokeShare } from '../shares/revoke.ts';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { beginUpload } from '../uploads/uploads.ts';
import { listTrash } from './trash-list.ts';
import { addFromWorkspace } from './deliver.ts';
import { removeEntries, removeEntry, restoreEntries } from './trash.ts';
import { createFolder, createFolderOf, renameEntry } from './workspace.ts';
import { idsInFolder } from '../entries/list.ts';
import { moveEntries, previewMove, undoMove } from './move.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const wire = (selection: EntrySelection | string[], folderId: string | null) => ({
  projectId: scene.project.id,
  folderId,
  selection: Array.isArray(selection) ? { entryIds: selection } : selection,
});
const move = (
  ids: EntrySelection | string[],
  folderId: string | null,
  onCollision: CollisionChoice = 'refuse',
  ctx: PersonContext = scene.owner,
) => moveEntries(ctx, { ...wire(ids, folderId), onCollision });
const undo = (moves: Awaited<ReturnType<typeof move>>['undo']) =>
  undoMove(scene.owner, { projectId: scene.project.id, moves });
const preview = async (ids: string[], folderId: string | null, ctx = scene.owner) => {
  const { gains, loses, ...rest } = await previewMove(ctx, wire(ids, folderId));
  return { ...rest, gains: gains.map(({ name }) => name), loses: loses.map(({ name }) => name) };
};
const names = (folderId: string | null) =>
  idsInFolder(scene.owner, { projectId: scene.project.id, folderId, filter: '' }).map(
    (id) => loadEntry(scene.hub.db, scene.owner, id).name,
  );
const trash = () =>
  listTrash(scene.owner, { projectId: scene.project.id, limit: 9 }).entries.map(({ name }) => name);

describe('taken names', () => {
  test.each<[CollisionChoice, string[], string[], number]>([
    ['keepBoth', ['cut (2).mov', 'cut.mov', 'mix.wav'], [], 0],
    ['replace', ['cut.mov', 'mix.wav'], ['cut.mov'], 0],
    ['skip', ['cut.mov', 'mix.wav'], [], 1],
  ])('%s', async (choice, expected, deleted, skipped) => {
    const reel = scene.folder('Reel');
    scene.file('cut.mov', reel);
    const moving = [scene.file('CUT.mov'), scene.file('mix.wav')];
    expect(await preview(moving, reel)).toMatchObject({
      entries: 2,
      collisionCount: 1,
      collisions: [{ name: 'CUT.mov', kind: 'file', by: null }],
      uploadingCount: 0,
    });
    expect(await refusalOf(() => move(moving, reel))).toEqual({
      code: 'name_taken',
      details: { name: 'CUT.mov' },
    });
    expect(names(reel)).toEqual(['cut.mov']);
    const done = await move(moving, reel, choice);
    expect(names(reel).map((name) => name.replace('CUT', 'cut'))).toEqual(expected);
    expect(trash()).toEqual(deleted);
    expect(done.skipped).toBe(skipped);
    await undo(done.undo);
    expect(names(reel)).toEqual(['cut.mov']);
    expect(names(null)).toEqual(['Reel', 'CUT.mov', 'mix.wav']);
    expect(trash()).toEqual([]);
  });

  test.each([
    ['the root', null],
    ['a folder', 'Reel'],
  ])('an unfinished upload has a name in %s: it is no entry to replace', async (_, folder) => {
    const [into, from] = folder ? [scene.folder(folder), null] : [null, scene.folder('Old')];
    const upload = { projectId: scene.project.id, folderId: into, filename: 'cut.mov', sizeBytes: 5 };
    await beginUpload(scene.owner, beginUploadInput.parse(upload));
    const moving = [scene.file('cut.mov', from), scene.file('mix.wav', from)];
    expect(await preview(moving, into)).toMatchObject({
      collisionCount: 1,
      uploadingCount: 1,
      collisions: [{ name: 'cut.mov', kind: 'file', by: 'upload' }],
    });
    for (const choice of ['refuse', 'replace'] as const)
      expect(await refusalOf(() => move(moving, into, choice))).toMatchObject({
        code: 'name_taken',
        details: { name: 'cut.mov', by: 'upload' },
      });
    expect((await move(moving, into, 'skip')).skipped).toBe(1);
  });

  test('a folder replaces a folder, and the undo restores the replaced one with its contents', async () => {
    const [reel, other] = [scene.folder('Reel'), scene.folder('Other')];
    const old = scene.folder('Takes', other);
    scene.file('old.mov', old);
    const young = scene.folder('takes', reel);
    const done = await move([young], other, 'replace');
    expect(trash()).toEqual(['Takes']);
    await undo(done.undo);
    expect(names(old)).toEqual(['old.mov']);
  });
});

test('moving, undoing, renaming and restoring do not change the time at which the bytes changed', async () => {
  const { hub, owner, project } = scene;
  const reel = scene.folder('Reel');
  const file = scene.file('cut.mov');
  const row = () => loadEntry(hub.db, owner, file);
  const { updatedAt } = row();
  const later = () => hub.clock.advance(60_000);
  later();
  const done = await move([file], reel);
  later();
  await undo(done.undo);
  later();
  renameEntry(owner, { id: file }, 'cut 2.mov');
  later();
  removeEntry(owner, { id: file, projectId: project.id });
  later();
  await restoreEntries(owner, [file]);
  expect(row()).toMatchObject({ updatedAt, placedAt: hub.clock.now });
});

describe('refuses to move', () => {
  test('a folder into itself, too deep, into the trash or into a file', async () => {
    const outer = scene.folder('Outer');
    const inner = scene.folder('Inner', outer);
    const file = scene.file('cut.mov');
    for (const target of [outer, inner])
      expect(await codeOf(() => move([outer], target))).toBe('into_itself');
    expect(await codeOf(() => move([file], file))).toBe('not_found');
    let deepest = scene.folder('deep');
    for (let level = 2; level < 250; level++) deepest = scene.folder('d', deepest);
    expect(await codeOf(() => move([outer], deepest))).toBe('name_invalid');
    await move([inner], deepest);
    removeEntry(scene.owner, { id: outer, projectId: scene.project.id });
    expect(await refusalOf(() => move([file], outer))).toMatchObject({
      code: 'changed_meanwhile',
      details: { what: 'deleted', by: 'Pat' },
    });
    expect(names(null)).toContain('cut.mov');
  });

  test('more than a batch when the last of the entries cannot move', async () => {
    const outer = scene.folder('Outer');
    const inner = scene.folder('Inner', outer);
    const files = Array.from({ length: 11 }, (_, index) => scene.file(`${index}.mov`));
    expect(await codeOf(() => move([...files, outer], inner))).toBe('into_itself');
    expect(names(inner)).toEqual([]);
  });

  test('out of a shared folder, or into one’s own Workspace', async () => {
    const { hub, cora } = scene;
    const [mixes, other] = [scene.folder('Mixes'), scene.folder('Other')];
    const stems = scene.folder('Stems', mixes);
    const file = scene.file('mix.wav', mixes);
    scene.share(mixes, cora, { canUpdate: true });
    scene.share(other, cora, { canUpdate: true });
    const ctx = hub.as(cora);
    const own = createFolder(ctx, { projectId: scene.project.id, parentId: null, name: 'Mine' }).id;
    await move([file], stems, 'refuse', ctx);
    for (const target of [other, own, null])
      expect(await codeOf(() => move([file], target, 'refuse', ctx))).toBe('out_of_share');
    expect(await codeOf(() => move([own], stems, 'refuse', ctx))).toBe('out_of_share');
    expect(await codeOf(() => move([mixes], other, 'refuse', ctx))).toBe('out_of_share');
    expect(names(stems)).toEqual(['mix.wav']);
  });
});

test('previews who gains and who loses access, through any share', async () => {
  const { hub, cora, tomas, owner } = scene;
  const [mixes, plain] = [scene.folder('Mixes'), scene.folder('Plain')];
  const stems = scene.folder('Stems', mixes);
  const file = scene.file('mix.wav', stems);
  const made = scene.share(mixes, cora, { canShare: true });
  scene.share(file, tomas, {}, hub.as(cora));
  expect(await preview([stems], plain)).toMatchObject({ gains: [], loses: ['Cora', 'Tomas'] });
  expect(await preview([plain], mixes)).toMatchObject({ gains: ['Cora'], loses: [] });
  scene.share(file, cora);
  expect(await preview([file], plain)).toMatchObject({ gains: [], loses: ['Tomas'] });
  await move([stems], plain);
  expect(scene.received(tomas)).toEqual([]);
  await move([stems], mixes);
  expect(scene.received(tomas)).toHaveLength(1);
  revokeShare(owner, made.id);
  expect(await preview([file], null)).toMatchObject({ gains: [], loses: [] });
});

test('moves everything except some entries, hundreds at once, and moves them back', async () => {
  const [from, to] = [scene.folder('From'), scene.folder('To')];
  const ids = Array.from({ length: 120 }, (_, number) => scene.file(`take${number}.wav`, from));
  const all = { folderId: from, filter: '', allExcept: [ids[7]!] };
  const done = await move(all, to);
  expect(done.moved).toBe(119);
  expect(names(from)).toEqual(['take7.wav']);
  expect(loadEntry(scene.hub.db, scene.owner, to)).toMatchObject({ itemCount: 119, fileCount: 119 });
  await undo(done.undo);
  expect(names(from)).toHaveLength(120);
  const some = { folderId: from, filter: 'take11', allExcept: [] };
  const removed = await removeEntries(scene.owner, scene.project.id, some);
  expect(removed.removed).toBe(11);
  await restoreEntries(scene.owner, removed.entryIds);
  expect(loadEntry(scene.hub.db, scene.owner, from)).toMatchObject({ itemCount: 120 });
});

test('keeps both when an entry returns to a taken name, and restores a folder before its former entries', async () => {
  const folder = scene.folder('Reel');
  const [inner, outer] = [scene.file('a.wav', folder), scene.file('c.wav')];
  scene.file('b.wav', folder);
  const { owner, project, hub } = scene;
  for (const id of [inner, folder, outer]) {
    removeEntry(owner, { id, projectId: project.id });
    hub.clock.advance(1);
  }
  scene.file('c.wav');
  await restoreEntries(owner, [inner, outer, folder]);
  expect(names(null)).toEqual(['Reel', 'c (2).wav', 'c.wav']);
  expect(names(folder)).toEqual(['a.wav', 'b.wav']);
});

test('no entry of a move replaces another entry of it', async () => {
  const [one, two, to] = [scene.folder('One'), scene.folder('Two'), scene.folder('To')];
  const ids = [scene.file('take.wav', one), scene.file('take.wav', two)];
  scene.file('take.wav', to);
  await moveEntries(scene.owner, {
    projectId: scene.project.id,
    selection: { entryIds: ids },
    folderId: to,
    onCollision: 'replace',
  });
  expect(names(to)).toEqual(['take (2).wav', 'take.wav']);
});

test('a new folder includes the selection, or nothing changes', async () => {
  const ids = [scene.file('a.wav'), scene.file('b.wav')];
  const input = { projectId: scene.project.id, parentId: null };
  await createFolderOf(scene.owner, { ...input, name: 'Both' }, { entryIds: ids });
  expect(names(null)).toEqual(['Both']);
  const own = createFolder(scene.owner, { projectId: scene.project.id, parentId: null, name: 'Lone' }).id;
  const foreign = scene.file('x.wav', null, scene.cora);
  const many = Array.from({ length: 30 }, (_, index) => scene.file(`f${index}.wav`, own));
  for (const bad of [
    [own, foreign],
    [...many, foreign],
  ]) {
    const attempt = () => createFolderOf(scene.owner, { ...input, name: 'Neither' }, { entryIds: bad });
    expect(await codeOf(attempt)).toBe('not_found');
    expect(names(null)).toEqual(['Both', 'Lone']);
    expect(names(own)).toHaveLength(30);
  }
  expect(trash()).toEqual([]);
});

test("does not move another person's entry together with the person's own", async () => {
  const { hub, cora, owner, project } = scene;
  const own = scene.file('a.wav');
  const foreign = scene.file('x.wav', null, cora);
  const entryIds = [own, foreign];
  const target = scene.folder('Target');
  const request = scene.createRequest();
  hub.db.$client.prepare('update request_assignees set user_id = ?').run(scene.pat.id);
  for (const attempt of [
    () => removeEntries(owner, project.id, { entryIds }),
    () => move(entryIds, target),
    () => preview(entryIds, target),
    () => addFromWorkspace(owner, request, { entryIds, replace: false, clearExisting: false }),
    () => createFolderOf(owner, { projectId: project.id, parentId: null, name: 'N' }, { entryIds }),
    () => scene.share(own, scene.tomas, { entryIds }),
  ]) {
    expect(await codeOf(attempt)).toBe('not_found');
  }
  expect(names(null)).toEqual(['Target', 'a.wav']);
  expect(loadEntry(hub.db, hub.as(cora), foreign).ownerId).toBe(cora.id);
});

test('two people in one shared folder lose no file, whoever comes first', async () => {
  const { hub, cora, owner } = scene;
  const mixes = scene.folder('Mixes');
  const [one, two] = [scene.folder('One', mixes), scene.folder('Two', mixes)];
  scene.share(mixes, cora, { canUpdate: true });
  const files = Array.from({ length: 40 }, (_, number) => scene.file(`take${number}.wav`, one));
  const outcomes = await Promise.allSettled(
    files.flatMap((id, index) => [
      move([id], two, 'keepBoth', index % 2 ? owner : hub.as(cora)),
      (async () => removeEntry(index % 2 ? hub.as(cora) : owner, { id, projectId: scene.project.id }))(),
    ]),
  );
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason.code] : [],
  );
  expect(new Set(refusals)).toEqual(new Set(refusals.length > 0 ? ['changed_meanwhile'] : []));
  const kept = loadEntry(hub.db, owner, mixes).fileCount;
  const deleted = listTrash(owner, { projectId: scene.project.id, limit: 99 }).entries.length;
  expect(kept + deleted).toBe(40);
});

describe('undo', () => {
  test('moves nothing to a place where a move could not', async () => {
    const { hub, cora, project } = scene;
    const outer = scene.folder('Outer');
    const inner = scene.folder('Inner', outer);
    const file = scene.file('a.mov', outer);
    scene.share(outer, cora, { canUpdate: true });
    const back = (entryId: string, fromFolderId: string | null, fromName: string) => [
      { entryId, fromFolderId, fromName, replacedId: null },
    ];
    expect(await codeOf(() => undo(back(outer, inner, 'Outer')))).toBe('into_itself');
    const moves = back(file, null, 'a.mov');
    expect(await codeOf(() => undoMove(hub.as(cora), { projectId: project.id, moves }))).toBe('out_of_share');
    expect([names(null), names(outer)]).toEqual([['Outer'], ['Inner', 'a.mov']]);
  });

  test('restores only what the person deleted, and only to where it was', async () => {
    const { hub, cora, project } = scene;
    const ctx = hub.as(cora);
    const secret = scene.file('secret.mov');
    scene.share(secret, cora);
    removeEntry(scene.owner, { id: secret, projectId: project.id });
    const own = createFolder(ctx, { projectId: project.id, parentId: null, name: 'Own' }).id;
    const inside = scene.createEntry(cora, 'x.wav', { parentId: own, assetId: scene.createAsset() });
    const moves = [{ entryId: inside, fromFolderId: null, fromName: 'x.wav', replacedId: secret }];
    expect(['forbidden', 'not_found']).toContain(
      await codeOf(() => undoMove(ctx, { projectId: project.id, moves })),
    );
    expect(trash()).toEqual(['secret.mov']);
    const reel = scene.folder('Reel');
    const gone = scene.file('gone.wav');
    removeEntry(scene.owner, { id: gone, projectId: project.id });
    const other = [
      { entryId: scene.file('y.wav', reel), fromFolderId: null, fromName: 'y.wav', replacedId: gone },
    ];
    expect(await codeOf(() => undo(other))).toBe('not_found');
  });

  test('restores a file that a person with a share deleted into its folder', async () => {
    const { hub, cora, tomas, project } = scene;
    const reel = scene.folder('Reel');
    const file = scene.file('a.mov', reel);
    scene.share(file, cora, { canUpdate: true });
    scene.share(reel, tomas);
    removeEntry(hub.as(cora), { id: file, projectId: project.id });
    await restoreEntries(hub.as(cora), [file]);
    expect(names(reel)).toEqual(['a.mov']);
    expect(loadEntry(hub.db, hub.as(tomas), file).name).toBe('a.mov');
  });
});

test('counts an entry only once when the folder around it is selected too', async () => {
  const reel = scene.folder('Reel');
  const inner = scene.folder('Inner', reel);
  const file = scene.file('a.mov', inner);
  const target = scene.folder('Target');
  expect((await move([file, inner], target)).moved).toBe(1);
  const counters = (id: string) => {
    const { itemCount, fileCount, sizeBytes } = loadEntry(scene.hub.db, scene.owner, id);
    return [itemCount, fileCount, sizeBytes];
  };
  expect([counters(reel), counters(target)]).toEqual([
    [0, 0, 0],
    [1, 1, 5],
  ]);
  await removeEntries(scene.owner, scene.project.id, { entryIds: [file, inner] });
  expect(counters(target)).toEqual([0, 0, 0]);
});

test('a selection reveals no names in a folder that is no longer shared', async () => {
  const { hub, cora, owner, project } = scene;
  const reel = scene.folder('Reel');
  scene.file('b.mov', reel);
  const made = scene.share(reel, cora, { canUpdate: true });
  revokeShare(owner, made.id);
  for (const filter of ['b', 'zzz']) {
    const selection = { folderId: reel, filter, allExcept: [] };
    expect(await codeOf(() => removeEntries(hub.as(cora), project.id, selection))).toBe('not_found');
  }
});

test('a single frame does not join a sequence at its target', async () => {
  const reel = scene.folder('Reel');
  const lone = scene.file('s.0005.exr', reel);
  for (const frame of ['s.0001.exr', 's.0002.exr']) scene.file(frame);
  const sequence = scene.idOf('s.####.exr');
  expect(await codeOf(() => move([sequence], reel))).toBe('name_taken');
  await move([sequence], reel, 'keepBoth');
  expect(names(reel)).toEqual(['s (2).####.exr', 's.0005.exr']);
  expect(loadEntry(scene.hub.db, scene.owner, lone).parentId).toBe(reel);
});

test('yields to the event loop while many entries are previewed, moved, moved back, put into a new folder, deleted and restored', async () => {
  const { owner, project } = scene;
  const to = scene.folder('To');
  const ids = Array.from({ length: 21 }, (_, index) => scene.file(`turn ${index}.wav`));
  expect(await turnsDuring(() => preview(ids, to))).toBeGreaterThanOrEqual(3);
  let moves: Awaited<ReturnType<typeof move>>['undo'] = [];
  expect(await turnsDuring(async () => (moves = (await move(ids, to)).undo))).toBeGreaterThanOrEqual(5);
  expect(await turnsDuring(() => undo(moves))).toBeGreaterThanOrEqual(5);
  const input = { projectId: project.id, parentId: null, name: 'All' };
  const made = () => createFolderOf(owner, input, { entryIds: ids });
  expect(await turnsDuring(made)).toBeGreaterThanOrEqual(3);
  expect(await turnsDuring(() => removeEntries(owner, project.id, { entryIds: ids }))).toBeGreaterThanOrEqual(
    2,
  );
  expect(await turnsDuring(() => restoreEntries(owner, ids))).toBeGreaterThanOrEqual(3);
  const request = scene.createRequest();
  scene.hub.db.$client.prepare('update request_assignees set user_id = ?').run(owner.person.id);
  const terms = { entryIds: ids, replace: false, clearExisting: false };
  expect(await turnsDuring(() => addFromWorkspace(owner, request, terms))).toBeGreaterThanOrEqual(3);
});

/** Returns how often the event loop turned during the work. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

test('throws not_found for an empty selection', async () => {
  const [reel, other] = [scene.folder('Reel'), scene.folder('Other')];
  const only = scene.file('cut.mov', reel);
  const nothing = { folderId: reel, filter: '', allExcept: [only] };
  expect(await codeOf(() => move(nothing, other))).toBe('not_found');
});

test('a replaced folder is not restored to a place that has become too deep for it', async () => {
  const target = scene.folder('Target');
  const replaced = scene.folder('Takes', target);
  scene.folder('Inmost', scene.folder('Inner', replaced));
  const { undo: moves } = await move([scene.folder('takes')], target, 'replace');
  let deepest = scene.folder('deep');
  for (let level = 2; level < 248; level++) deepest = scene.folder('d', deepest);
  await move([target], deepest);
  expect(await codeOf(() => undo(moves))).toBe('name_invalid');
  expect(trash()).toEqual(['Takes']);
});
