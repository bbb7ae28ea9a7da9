import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { listManifestEntries, listManifests } from '@turnover/core/manifests/entries';
import { submitRequest } from '@turnover/core/requests/actions';
import { clearFiles, removeFiles, renameFile } from '@turnover/core/requests/files/files';
import { listRequestFiles } from '@turnover/core/requests/files/list';
import { requestEvents } from '@turnover/core/requests/history';
import { getRequest, updateRequest } from '@turnover/core/requests/edit';
import { viewQcReport, writeQcCsv } from '@turnover/core/requests/receipts/qc-report';
import { loadSubmittedRound } from '@turnover/core/requests/receipts/round-files';
import { reviewDelivery, overrideRule } from '@turnover/core/requests/rule-checks';
import { refusalOf } from '@turnover/core/testing/requests';
import { manifests } from '@turnover/db/schema/manifests';
import { requests } from '@turnover/db/schema/requests';
import { readCsv } from '@turnover/domain/csv';
import { qcReportView } from '@turnover/domain/requests/qc-report';
import { createHashFollower } from './hash-follower.ts';
import { openPool, type Pool } from './pool.ts';
import { manifestScene, type ManifestScene } from './testing/manifests.ts';

let pool: Pool;
let scene: ManifestScene;

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());
beforeEach(async () => {
  scene = await manifestScene(pool);
});
afterEach(() => scene.close());

const digest = (algorithm: string, content: string) => createHash(algorithm).update(content).digest('hex');
const md5 = (content: string) => digest('md5', content);
const compared = () =>
  requestEvents(scene.coordinator(), scene.load(), { limit: 100 })
    .filter(({ kind }) => kind === 'manifest.compared')
    .map(({ data }) => data);

test('reports files that match, differ, are missing or are not listed', async () => {
  await scene.receive({ 'mix.C.wav': 'centre', 'mix.L.wav': 'left', 'mix.R.wav': 'right' });
  expect(scene.summary()).toBeNull();
  expect(scene.verdicts()).toEqual({ 'mix.C.wav': '–', 'mix.L.wav': '–', 'mix.R.wav': '–' });
  const list = `${md5('centre')}  mix.C.wav\n${md5('other')}  mix.L.wav\n${md5('lfe')}  mix.LFE.wav\n`;
  await scene.receive({ 'checksum.md5': list });
  expect(scene.verdicts()).toEqual({
    'checksum.md5': '–',
    'mix.C.wav': 'match',
    'mix.L.wav': 'differs',
    'mix.R.wav': 'extra',
  });
  expect(scene.summary()).toEqual({
    lists: 1,
    comparing: false,
    counts: { match: 1, differs: 1, extra: 1, missing: 1, pending: 0, uncheckable: 0 },
  });
  expect(scene.problems()).toEqual([
    'differs mix.L.wav checksum_mismatch',
    'missing mix.LFE.wav missing_file',
    'extra mix.R.wav extraneous_content',
  ]);
  expect(compared()).toEqual([
    expect.objectContaining({ lists: 1, match: 1, differs: 1, missing: 1, extra: 1 }),
  ]);
  const left = listRequestFiles(scene.coordinator(), scene.load(), { limit: 9 }).files.find(
    ({ name }) => name === 'mix.L.wav',
  )!;
  expect(left.manifest).toMatchObject({ algorithm: 'md5', expected: md5('other'), found: md5('left') });
});

test('the QC report has what the lists say about each file, and the files that are missing', async () => {
  await scene.receive({ 'a.wav': 'a', 'b.wav': 'b', 'c.wav': 'c' });
  const list = `${md5('a')}  a.wav\n${md5('x')}  b.wav\n${md5('d')}  d.wav\n${md5('self')}  list.md5\n`;
  await scene.receive({ 'list.md5': list });
  scene.submitRound(scene.request);
  const round = loadSubmittedRound(scene.hub.db, scene.load(), 1);
  const report = qcReportView.parse(await viewQcReport(scene.coordinator(), scene.load(), round));
  expect(report.facts.lists).toEqual([{ path: 'list.md5', missing: 1 }]);
  const mismatch = { category: 'DELIVERY-PACKAGE', term: null };
  const differs = { list: 'list.md5', algorithm: 'md5', measured: md5('b'), wanted: md5('x') };
  expect(report.withProblems.files).toMatchObject([
    { path: 'b.wav', lists: [{ ...differs, verdict: 'differs', reason: 'checksum_mismatch', qc: mismatch }] },
  ]);
  expect(report.without.files).toMatchObject([
    { path: 'a.wav', lists: [{ verdict: 'match', reason: null, qc: null }] },
    { path: 'c.wav', lists: [] },
    { path: 'list.md5', lists: [] },
  ]);
  expect(report.missing).toMatchObject([{ list: 'list.md5', path: 'd.wav', reason: 'missing_file' }]);
  expect(report.counts.error).toBe(2);
  let csv = '';
  for await (const piece of writeQcCsv(scene.coordinator(), scene.load(), round)) csv += piece;
  const read = readCsv(csv);
  const lines = 'records' in read ? read.records.map(({ cells }) => cells) : [];
  const listed = lines.filter(([record]) => record === 'list');
  expect(listed.map(([, file, , , , status]) => [file, status])).toEqual([
    ['d.wav', 'missing'],
    ['a.wav', 'match'],
    ['b.wav', 'differs'],
  ]);
});

test('hashes files that arrive after their list with its algorithm during the upload', async () => {
  await scene.receive({ SHA1SUMS: `${digest('sha1', 'one')}  a/1.wav\n${digest('sha1', 'two')}  a/2.wav\n` });
  expect(scene.summary()?.counts).toMatchObject({ missing: 2 });
  const id = await scene.send(
    { filename: '1.wav', relativePath: 'a/1.wav', requestId: scene.request.id },
    'one',
  );
  await createHashFollower({ ctx: scene.hub.ctx, pool }).runUntilIdle();
  expect(scene.rowOf(id).status).toBe('complete');
  const [file] = listRequestFiles(scene.coordinator(), scene.load(), { limit: 1 }).files;
  expect(file!.checksums.map(({ algorithm }) => algorithm)).toEqual(['sha1', 'xxh128']);
  await scene.settle();
  expect(scene.verdicts()['a/1.wav']).toBe('match');
  expect(scene.summary()?.counts).toMatchObject({ match: 1, missing: 1 });
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
    await scene.receive({ 'f.mov': content });
    await scene.receive({ [name]: list });
    expect(scene.verdicts()['f.mov']!.split(' ')[0]).toBe('match');
    expect((await refusalOf(() => scene.receive({ 'f.mov': 'other bytes' }))).code).toBe('checksum_forbids');
  });
});

test('accepts a value of 16 digits as either xxHash in either byte order', async () => {
  await scene.receive({ 'a.exr': 'hello' });
  await scene.receive({ 'checksum.txt': '26c7827d889f6da3  a.exr\n' });
  expect(scene.verdicts()['a.exr']).toBe('match unlabelled');
  await scene.receive({ 'checksum.txt': '9555e8555c62dcfd  a.exr\n' });
  expect(scene.verdicts()['a.exr']).toBe('match unlabelled');
  await scene.receive({ 'checksum.txt': 'XXH64_LE (a.exr) = a36d9f887d82c726\n' });
  expect(scene.verdicts()['a.exr']).toBe('match reversed_bytes');
  await scene.receive({ 'checksum.txt': 'XXH3 (a.exr) = fddc625c55e85595\n' });
  expect(scene.verdicts()['a.exr']).toBe('match reversed_bytes');
  await scene.receive({ 'checksum.txt': '0000000000000000  a.exr\n' });
  expect(scene.verdicts()['a.exr']).toBe('differs unlabelled');
});

test('compares again after a file or list is replaced or removed, or the request is cleared', async () => {
  await scene.receive({ 'a.wav': 'wrong', 'x.md5': `${md5('right')}  a.wav\n` });
  expect(scene.summary()?.counts).toMatchObject({ differs: 1, match: 0 });
  await scene.receive({ 'b.md5': `${md5('wrong')}  a.wav\n` });
  // The two lists contradict each other. A file that differs from either counts as different.
  expect(scene.summary()).toMatchObject({ lists: 2, counts: { differs: 1, match: 0 } });
  // Sends the one differing file again.
  await scene.receive({ 'a.wav': 'right', 'b.md5': `${md5('right')}  a.wav\n` });
  expect(scene.summary()).toMatchObject({ lists: 2, counts: { differs: 0, match: 1 } });
  expect((await refusalOf(() => scene.receive({ 'a.wav': 'other' }))).code).toBe('checksum_forbids');
  clearFiles(scene.coordinator(), scene.request);
  await scene.settle();
  expect(scene.summary()).toBeNull();
  expect(scene.hub.db.select().from(manifests).all()).toEqual([]);
  await scene.receive({ 'a.wav': 'right', 'x.md5': `${md5('right')}  a.wav\n` });
  expect(scene.summary()?.counts).toMatchObject({ differs: 0, match: 1 });
  expect(compared()).toHaveLength(3);
});

test('handles several lists, one that names another and one that names itself', async () => {
  const payload = `${md5('x')}  data/a.mov\n`;
  await scene.receive({ 'bag/data/a.mov': 'x', 'bag/manifest-md5.txt': payload });
  await scene.receive({
    'bag/tagmanifest-md5.txt': `${md5(payload)}  manifest-md5.txt\n${md5('?')}  tagmanifest-md5.txt\n`,
  });
  expect(scene.verdicts()).toEqual({
    'bag/data/a.mov': 'match',
    'bag/manifest-md5.txt': 'match',
    'bag/tagmanifest-md5.txt': '–',
  });
  expect(scene.summary()?.counts).toMatchObject({ match: 2, missing: 0, differs: 0 });
  expect(
    listManifests(scene.coordinator(), scene.load()).map(({ what, entries }) => [what, entries]),
  ).toEqual([
    ['bagit', 1],
    ['bagit', 2],
  ]);
});

test('reports one problem per file even when a list has two values for it', async () => {
  const row = (path: string, content: string) =>
    `${content.length},${md5(content)},${digest('sha256', content)},/x/${path}\n`;
  const head = '%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /x\n##\n';
  await scene.receive({
    'a.wav': 'a',
    'b.wav': 'b',
    'list.hashdeep': head + row('a.wav', 'a') + row('b.wav', 'c') + row('gone.wav', 'g'),
  });
  expect(scene.summary()?.counts).toMatchObject({ match: 1, differs: 1, missing: 1 });
  expect(scene.problems()).toEqual(['differs x/b.wav checksum_mismatch', 'missing x/gone.wav missing_file']);
});

test('reports a list in an unsupported format as such, without entries', async () => {
  scene.hub.db.update(requests).set({ demandsManifest: true }).run();
  await scene.receive({ 'a.wav': 'x', 'checksum.txt': '3915528286 5 a.wav\n' });
  expect(listManifests(scene.coordinator(), scene.load())).toMatchObject([
    { kind: 'unsupported', what: 'cksum' },
  ]);
  expect(scene.summary()).toEqual({ lists: 1, comparing: false, counts: null });
  expect((await refusalOf(submit)).details).toMatchObject({ rule: 'manifest_missing', lists: 1, unnamed: 1 });
});

const submit = async () =>
  submitRequest(scene.coordinator(), scene.request, await reviewDelivery(scene.hub, scene.load()));

describe('a request without a type that asks for a list', () => {
  beforeEach(() => {
    scene.hub.db.update(requests).set({ demandsManifest: true }).run();
  });

  test('cannot be submitted without one', async () => {
    await scene.receive({ 'a.wav': 'a' });
    expect(await refusalOf(submit)).toMatchObject({
      code: 'rules_unmet',
      details: { rule: 'manifest_missing', lists: 0, overridable: true },
    });
    overrideRule(
      scene.coordinator(),
      scene.request,
      { rule: 'manifest_missing', path: null },
      'They cannot make one',
    );
    expect((await submit()).status).toBe('submitted');
  });

  test('cannot be submitted with a list of other files or of only some files', async () => {
    await scene.receive({ 'a.wav': 'a', 'b.wav': 'b', 'x.md5': `${md5('c')}  c.wav\n` });
    expect((await refusalOf(submit)).details).toMatchObject({
      rule: 'manifest_missing',
      lists: 1,
      unnamed: 2,
      name: 'a.wav',
    });
    await scene.receive({ 'y.md5': `${md5('a')}  a.wav\n` });
    expect((await refusalOf(submit)).details).toMatchObject({ unnamed: 1, name: 'b.wav' });
    await scene.receive({ 'b.wav.md5': md5('b') });
    expect((await submit()).status).toBe('submitted');
  });

  test('waits until its lists are read', async () => {
    await scene.send({ filename: 'a.wav', requestId: scene.request.id }, 'a');
    await scene.send({ filename: 'x.md5', requestId: scene.request.id }, `${md5('a')}  a.wav\n`);
    await createHashFollower({ ctx: scene.hub.ctx, pool }).runUntilIdle();
    expect((await refusalOf(submit)).code).toBe('still_comparing');
    await scene.settle();
    expect((await submit()).status).toBe('submitted');
  });

  test('starts and stops demanding a list when the flag changes', async () => {
    await scene.receive({ 'a.wav': 'a' });
    updateRequest(scene.coordinator(), scene.request, { demandsManifest: false });
    expect(getRequest(scene.coordinator(), scene.request.id)).toMatchObject({
      demandsManifest: false,
      withChecksum: false,
    });
    updateRequest(scene.coordinator(), scene.request, { demandsManifest: true });
    expect((await refusalOf(submit)).code).toBe('rules_unmet');
  });

  test('refuses changes, and states whether a list covers the files or is only demanded', async () => {
    await scene.receive({ 'a.wav': 'a' });
    const [file] = listRequestFiles(scene.ctx, scene.load(), { limit: 9 }).files;
    expect((await refusalOf(() => renameFile(scene.ctx, file!, 'b.wav'))).details.hasList).toBe(false);
    await scene.receive({ 'x.md5': `${md5('a')}  a.wav\n` });
    const remove = () => removeFiles(scene.ctx, scene.request, { fileIds: [file!.id] });
    expect((await refusalOf(remove)).details.hasList).toBe(true);
  });
});

test('a person who sees only their own files gets only their own files and lists', async () => {
  await scene.receive({ 'a.wav': 'a', 'x.md5': `${md5('a')}  a.wav\n${md5('z')}  secret.wav\n` });
  const uploader = scene.hub.as(scene.people.uploader);
  await scene.receive({ 'mine.wav': 'mine' }, uploader);
  expect(getRequest(uploader, scene.request.id).manifests).toEqual({
    lists: 0,
    comparing: false,
    counts: { match: 0, differs: 0, extra: 1, missing: 0, pending: 0, uncheckable: 0 },
  });
  expect(listManifests(uploader, scene.load())).toEqual([]);
  const { entries } = listManifestEntries(uploader, scene.load(), { offset: 0, limit: 10 });
  expect(entries.map(({ path }) => path)).toEqual(['mine.wav']);
});

test('a person who sees only their own files learns what another person’s list says about them, not its name', async () => {
  const uploader = scene.hub.as(scene.people.uploader);
  await scene.receive({ 'mine.wav': 'mine' }, uploader);
  await scene.receive({ 'hidden/secret.md5': `${md5('other')}  ../mine.wav\n` });
  await scene.receive({ 'secret.md5': `${md5('other')}  mine.wav\n` });
  const [file] = listRequestFiles(uploader, scene.load(), { limit: 9 }).files;
  expect(file!.manifest).toMatchObject({ verdict: 'differs', list: null });
  const { entries } = listManifestEntries(uploader, scene.load(), { offset: 0, limit: 10 });
  expect(entries[0]).toMatchObject({ verdict: 'differs', path: 'mine.wav', list: null, line: null });
  expect(JSON.stringify([file, entries])).not.toContain('secret');
  expect(
    JSON.stringify(listManifestEntries(scene.coordinator(), scene.load(), { offset: 0, limit: 10 })),
  ).toContain('secret.md5');
});

test('compares 300 frames by SHA-1', { timeout: 90_000 }, async () => {
  const frames = Array.from({ length: 300 }, (_, at) => `sh010/plate.${1001 + at}.exr`);
  for (const path of frames) scene.deliver(scene.request, path);
  const list = frames.map((path) => `${digest('sha1', `${path} by partner`)}  ${path}\n`).join('');
  await scene.receive({ 'plates.sha1': list });
  expect(scene.summary()?.counts).toMatchObject({ match: frames.length, pending: 0 });
  expect(scene.hub.db.select().from(manifests).all()).toHaveLength(1);
});

test('a slow file that cannot be read comes first, and delays no other file', async () => {
  const realNow = performance.now.bind(performance);
  let [passed, reads] = [0, 0];
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => realNow() + passed);
  const slow = await manifestScene({
    ...pool,
    stageThreads: 1,
    hashThreads: 1,
    async hashWhole(file, signal) {
      passed += 6000;
      reads += 1;
      if (reads === 1) throw new Error('The disk does not answer.');
      return pool.hashWhole(file, signal);
    },
  });
  const frames = ['a.exr', 'b.exr', 'c.exr'];
  for (const path of frames) slow.deliver(slow.request, path);
  const list = frames.map((path) => `${digest('sha1', `${path} by partner`)}  ${path}\n`).join('');
  // Files that could not be read are tried again only after the others.
  await slow.receive({ 'plates.sha1': list });
  expect(slow.summary()?.counts).toMatchObject({ match: 3, pending: 0 });
  expect(reads).toBe(4);
  clock.mockRestore();
  await slow.close();
});
