import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listManifestEntries, listManifests } from '@turnover/core/manifests/view';
import { submitRequest } from '@turnover/core/requests/actions';
import { clearFiles, removeFiles, renameFile } from '@turnover/core/requests/files/files';
import { listRequestFiles } from '@turnover/core/requests/files/list';
import { requestEvents } from '@turnover/core/requests/history';
import { currentRequest } from '@turnover/core/requests/transitions';
import { getRequest, updateRequest } from '@turnover/core/requests/edit';
import { reviewDelivery, overrideRule } from '@turnover/core/requests/rule-checks';
import { refusalOf } from '@turnover/core/testing/requests';
import { uploadScene, type UploadScene } from '@turnover/core/testing/uploads';
import { manifests } from '@turnover/db/schema/manifests';
import { requests } from '@turnover/db/schema/requests';
import { createHashFollower } from './hash-follower.ts';
import { openPool, type Pool } from './pool.ts';
import { runnerOf } from './testing/worker.ts';

let pool: Pool;
let scene: UploadScene;
let request: { id: string };

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());
beforeEach(async () => {
  scene = await uploadScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const digest = (algorithm: string, content: string) => createHash(algorithm).update(content).digest('hex');
const md5 = (content: string) => digest('md5', content);
const load = () => currentRequest(scene.hub.db, request.id);
const coordinator = () => scene.hub.as(scene.people.coordinator);
const summary = () => getRequest(coordinator(), request.id).manifests;
const verdicts = (as = coordinator()) =>
  Object.fromEntries(
    listRequestFiles(as, load(), { limit: 100 }).files.map(({ folder, name, manifest }) => [
      folder === '' ? name : `${folder}/${name}`,
      [manifest?.verdict ?? '–', ...(manifest?.notes ?? [])].join(' '),
    ]),
  );
const problems = () =>
  listManifestEntries(coordinator(), load(), { offset: 0, limit: 100 }).entries.map(
    ({ verdict, path, reason }) => [verdict, path, reason ?? '–'].join(' '),
  );
const compared = () =>
  requestEvents(coordinator(), load(), { limit: 100 })
    .filter(({ kind }) => kind === 'manifest.compared')
    .map(({ data }) => data);

async function deliver(files: Record<string, string>, as = scene.ctx): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const filename = path.split('/').at(-1)!;
    await scene.send({ filename, relativePath: path, requestId: request.id, replace: true }, content, as);
  }
  await settle();
}

/** Hashes everything that arrived and runs all jobs, due now or later. */
async function settle(): Promise<void> {
  const follower = createHashFollower({ ctx: scene.hub.ctx, pool });
  const runner = runnerOf(scene.hub.ctx, pool);
  await follower.runUntilIdle();
  for (let round = 0; round < 5; round++) {
    await runner.runUntilIdle();
    scene.hub.clock.advance(61_000);
  }
  await follower.stop();
  await runner.stop();
}

test('reports files that match, differ, are missing or are not listed', async () => {
  await deliver({ 'mix.C.wav': 'centre', 'mix.L.wav': 'left', 'mix.R.wav': 'right' });
  expect(summary()).toBeNull();
  expect(verdicts()).toEqual({ 'mix.C.wav': '–', 'mix.L.wav': '–', 'mix.R.wav': '–' });
  const list = `${md5('centre')}  mix.C.wav\n${md5('other')}  mix.L.wav\n${md5('lfe')}  mix.LFE.wav\n`;
  await deliver({ 'checksum.md5': list });
  expect(verdicts()).toEqual({
    'checksum.md5': '–',
    'mix.C.wav': 'match',
    'mix.L.wav': 'differs',
    'mix.R.wav': 'extra',
  });
  expect(summary()).toEqual({
    lists: 1,
    comparing: false,
    counts: { match: 1, differs: 1, extra: 1, missing: 1, pending: 0, uncheckable: 0 },
  });
  expect(problems()).toEqual([
    'differs mix.L.wav checksum_mismatch',
    'missing mix.LFE.wav missing_file',
    'extra mix.R.wav extraneous_content',
  ]);
  expect(compared()).toEqual([
    expect.objectContaining({ lists: 1, match: 1, differs: 1, missing: 1, extra: 1 }),
  ]);
  const left = listRequestFiles(coordinator(), load(), { limit: 9 }).files.find(
    ({ name }) => name === 'mix.L.wav',
  )!;
  expect(left.manifest).toMatchObject({ algorithm: 'md5', expected: md5('other'), found: md5('left') });
});

test('files that arrive after their list are hashed with its algorithm during upload', async () => {
  await deliver({ SHA1SUMS: `${digest('sha1', 'one')}  a/1.wav\n${digest('sha1', 'two')}  a/2.wav\n` });
  expect(summary()?.counts).toMatchObject({ missing: 2 });
  const id = await scene.send({ filename: '1.wav', relativePath: 'a/1.wav', requestId: request.id }, 'one');
  await createHashFollower({ ctx: scene.hub.ctx, pool }).runUntilIdle();
  expect(scene.rowOf(id).status).toBe('complete');
  const [file] = listRequestFiles(coordinator(), load(), { limit: 1 }).files;
  expect(file!.checksums.map(({ algorithm }) => algorithm)).toEqual(['sha1', 'xxh128']);
  await settle();
  expect(verdicts()['a/1.wav']).toBe('match');
  expect(summary()?.counts).toMatchObject({ match: 1, missing: 1 });
});

describe('computes every algorithm for stored files', () => {
  const content = 'frames';
  test.each([
    ['a.sha256', `${digest('sha256', content)} *f.mov`],
    ['a.sha512', `SHA2-512(f.mov)= ${digest('sha512', content)}`],
    ['SHA384SUMS', `${digest('sha384', content)}  ./f.mov`],
    ['a.b2', `BLAKE2b (f.mov) = ${digest('blake2b512', content)}`],
    ['f.mov.sha1', digest('sha1', content)],
    [
      'hashes.txt',
      `\uFEFFAlgorithm : SHA256\r\nHash : ${digest('sha256', content).toUpperCase()}\r\nPath : D:\\x\\f.mov\r\n`,
    ],
  ])('%s', async (name, list) => {
    await deliver({ 'f.mov': content });
    await deliver({ [name]: list });
    expect(verdicts()['f.mov']!.split(' ')[0]).toBe('match');
    expect((await refusalOf(() => deliver({ 'f.mov': 'other bytes' }))).code).toBe('checksum_forbids');
  });
});

test('accepts a value of 16 digits as either xxHash in either byte order', async () => {
  await deliver({ 'a.exr': 'hello' });
  await deliver({ 'checksum.txt': '26c7827d889f6da3  a.exr\n' });
  expect(verdicts()['a.exr']).toBe('match unlabelled');
  await deliver({ 'checksum.txt': '9555e8555c62dcfd  a.exr\n' });
  expect(verdicts()['a.exr']).toBe('match unlabelled');
  await deliver({ 'checksum.txt': 'XXH64_LE (a.exr) = a36d9f887d82c726\n' });
  expect(verdicts()['a.exr']).toBe('match reversed_bytes');
  await deliver({ 'checksum.txt': 'XXH3 (a.exr) = fddc625c55e85595\n' });
  expect(verdicts()['a.exr']).toBe('match reversed_bytes');
  await deliver({ 'checksum.txt': '0000000000000000  a.exr\n' });
  expect(verdicts()['a.exr']).toBe('differs unlabelled');
});

test('compares again after a file or list is replaced or removed, or the request is cleared', async () => {
  await deliver({ 'a.wav': 'wrong', 'x.md5': `${md5('right')}  a.wav\n` });
  expect(summary()?.counts).toMatchObject({ differs: 1, match: 0 });
  await deliver({ 'b.md5': `${md5('wrong')}  a.wav\n` });
  // The two lists contradict each other. A file that differs from either counts as different.
  expect(summary()).toMatchObject({ lists: 2, counts: { differs: 1, match: 0 } });
  // Sends the one different file again.
  await deliver({ 'a.wav': 'right', 'b.md5': `${md5('right')}  a.wav\n` });
  expect(summary()).toMatchObject({ lists: 2, counts: { differs: 0, match: 1 } });
  expect((await refusalOf(() => deliver({ 'a.wav': 'other' }))).code).toBe('checksum_forbids');
  clearFiles(coordinator(), request);
  await settle();
  expect(summary()).toBeNull();
  expect(scene.hub.db.select().from(manifests).all()).toEqual([]);
  await deliver({ 'a.wav': 'right', 'x.md5': `${md5('right')}  a.wav\n` });
  expect(summary()?.counts).toMatchObject({ differs: 0, match: 1 });
  expect(compared()).toHaveLength(3);
});

test('handles several lists, one that names another and one that names itself', async () => {
  const payload = `${md5('x')}  data/a.mov\n`;
  await deliver({ 'bag/data/a.mov': 'x', 'bag/manifest-md5.txt': payload });
  await deliver({
    'bag/tagmanifest-md5.txt': `${md5(payload)}  manifest-md5.txt\n${md5('?')}  tagmanifest-md5.txt\n`,
  });
  expect(verdicts()).toEqual({
    'bag/data/a.mov': 'match',
    'bag/manifest-md5.txt': 'match',
    'bag/tagmanifest-md5.txt': '–',
  });
  expect(summary()?.counts).toMatchObject({ match: 2, missing: 0, differs: 0 });
  expect(listManifests(coordinator(), load()).map(({ what, entries }) => [what, entries])).toEqual([
    ['bagit', 1],
    ['bagit', 2],
  ]);
});

test('reports one problem per file even when a list has two values for it', async () => {
  const row = (path: string, content: string) =>
    `${content.length},${md5(content)},${digest('sha256', content)},/x/${path}\n`;
  const head = '%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /x\n##\n';
  await deliver({
    'a.wav': 'a',
    'b.wav': 'b',
    'list.hashdeep': head + row('a.wav', 'a') + row('b.wav', 'c') + row('gone.wav', 'g'),
  });
  expect(summary()?.counts).toMatchObject({ match: 1, differs: 1, missing: 1 });
  expect(problems()).toEqual(['differs x/b.wav checksum_mismatch', 'missing x/gone.wav missing_file']);
});

test('reports a list in an unsupported format as such, without entries', async () => {
  scene.hub.db.update(requests).set({ demandsManifest: true }).run();
  await deliver({ 'a.wav': 'x', 'checksum.txt': '3915528286 5 a.wav\n' });
  expect(listManifests(coordinator(), load())).toMatchObject([{ kind: 'unsupported', what: 'cksum' }]);
  expect(summary()).toEqual({ lists: 1, comparing: false, counts: null });
  expect((await refusalOf(submit)).details).toMatchObject({ rule: 'manifest_missing', lists: 1, unnamed: 1 });
});

const submit = async () => submitRequest(coordinator(), request, await reviewDelivery(scene.hub, load()));

describe('a request without a type that asks for a list', () => {
  beforeEach(() => {
    scene.hub.db.update(requests).set({ demandsManifest: true }).run();
  });

  test('is not submitted without one', async () => {
    await deliver({ 'a.wav': 'a' });
    expect(await refusalOf(submit)).toMatchObject({
      code: 'rules_unmet',
      details: { rule: 'manifest_missing', lists: 0, overridable: true },
    });
    overrideRule(coordinator(), request, { rule: 'manifest_missing', path: null }, 'They cannot make one');
    expect((await submit()).status).toBe('submitted');
  });

  test('is not satisfied by a list of other files or of only some files', async () => {
    await deliver({ 'a.wav': 'a', 'b.wav': 'b', 'x.md5': `${md5('c')}  c.wav\n` });
    expect((await refusalOf(submit)).details).toMatchObject({
      rule: 'manifest_missing',
      lists: 1,
      unnamed: 2,
      name: 'a.wav',
    });
    await deliver({ 'y.md5': `${md5('a')}  a.wav\n` });
    expect((await refusalOf(submit)).details).toMatchObject({ unnamed: 1, name: 'b.wav' });
    await deliver({ 'b.wav.md5': md5('b') });
    expect((await submit()).status).toBe('submitted');
  });

  test('waits until its lists are read', async () => {
    await scene.send({ filename: 'a.wav', requestId: request.id }, 'a');
    await scene.send({ filename: 'x.md5', requestId: request.id }, `${md5('a')}  a.wav\n`);
    await createHashFollower({ ctx: scene.hub.ctx, pool }).runUntilIdle();
    expect((await refusalOf(submit)).code).toBe('still_comparing');
    await settle();
    expect((await submit()).status).toBe('submitted');
  });

  test('stops and resumes asking for it when the flag changes', async () => {
    await deliver({ 'a.wav': 'a' });
    updateRequest(coordinator(), request, { demandsManifest: false });
    expect(getRequest(coordinator(), request.id)).toMatchObject({
      demandsManifest: false,
      withChecksum: false,
    });
    updateRequest(coordinator(), request, { demandsManifest: true });
    expect((await refusalOf(submit)).code).toBe('rules_unmet');
  });

  test('refuses changes by naming whether a list covers the files or is only required', async () => {
    await deliver({ 'a.wav': 'a' });
    const [file] = listRequestFiles(scene.ctx, load(), { limit: 9 }).files;
    expect((await refusalOf(() => renameFile(scene.ctx, file!, 'b.wav'))).details.hasList).toBe(false);
    await deliver({ 'x.md5': `${md5('a')}  a.wav\n` });
    const remove = () => removeFiles(scene.ctx, request, { fileIds: [file!.id] });
    expect((await refusalOf(remove)).details.hasList).toBe(true);
  });
});

test('a person who sees only their own files gets only their own files and lists', async () => {
  await deliver({ 'a.wav': 'a', 'x.md5': `${md5('a')}  a.wav\n${md5('z')}  secret.wav\n` });
  const uploader = scene.hub.as(scene.people.uploader);
  await deliver({ 'mine.wav': 'mine' }, uploader);
  expect(getRequest(uploader, request.id).manifests).toEqual({
    lists: 0,
    comparing: false,
    counts: { match: 0, differs: 0, extra: 1, missing: 0, pending: 0, uncheckable: 0 },
  });
  expect(listManifests(uploader, load())).toEqual([]);
  const { entries } = listManifestEntries(uploader, load(), { offset: 0, limit: 10 });
  expect(entries.map(({ path }) => path)).toEqual(['mine.wav']);
});

test('a person who sees only their own files learns what another person’s list says about them, not its name', async () => {
  const uploader = scene.hub.as(scene.people.uploader);
  await deliver({ 'mine.wav': 'mine' }, uploader);
  await deliver({ 'hidden/secret.md5': `${md5('other')}  ../mine.wav\n` });
  await deliver({ 'secret.md5': `${md5('other')}  mine.wav\n` });
  const [file] = listRequestFiles(uploader, load(), { limit: 9 }).files;
  expect(file!.manifest).toMatchObject({ verdict: 'differs', list: null });
  const { entries } = listManifestEntries(uploader, load(), { offset: 0, limit: 10 });
  expect(entries[0]).toMatchObject({ verdict: 'differs', path: 'mine.wav', list: null, line: null });
  expect(JSON.stringify([file, entries])).not.toContain('secret');
  expect(JSON.stringify(listManifestEntries(coordinator(), load(), { offset: 0, limit: 10 }))).toContain(
    'secret.md5',
  );
});

test('compares 300 frames by SHA-1', async () => {
  const frames = Array.from({ length: 300 }, (_, at) => `sh010/plate.${1001 + at}.exr`);
  for (const path of frames) scene.deliver(request, path);
  const list = frames.map((path) => `${digest('sha1', `${path} by partner`)}  ${path}\n`).join('');
  await deliver({ 'plates.sha1': list });
  expect(summary()?.counts).toMatchObject({ match: frames.length, pending: 0 });
  expect(scene.hub.db.select().from(manifests).all()).toHaveLength(1);
});
