import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listManifests } from '@turnover/core/manifests/entries';
import { compareOldLists } from '@turnover/core/manifests/queue';
import { viewQcReport } from '@turnover/core/requests/receipts/qc-report';
import { viewReceipt } from '@turnover/core/requests/receipts/receipt';
import { loadSubmittedRound } from '@turnover/core/requests/receipts/round-files';
import { submitRequest } from '@turnover/core/requests/actions';
import { reviewDelivery } from '@turnover/core/requests/rule-checks';
import { migrationsFolder } from '@turnover/db/migration-files';
import { ignoredFiles, manifests } from '@turnover/db/schema/manifests';
import { requests } from '@turnover/db/schema/requests';
import { qcReportView } from '@turnover/domain/requests/qc-report';
import { receiptFactsView } from '@turnover/domain/requests/receipts';
import { c4Id } from '@turnover/domain/media/c4';
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

type Hashed = { path: string; content: string; action?: string; before?: string };

function generation(number: number, hashes: Hashed[], { ignores = [] as string[], references = '' } = {}) {
  const elements = hashes.map(
    ({ path, content, action = 'original', before }) =>
      `<hash><path>${path}</path><md5 action="${action}" hashdate="2026-01-0${number}T10:00:00Z">${md5(content)}</md5>${
        before ? `<previousPath>${before}</previousPath>` : ''
      }</hash>`,
  );
  return `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
<creatorinfo><creationdate>2026-01-0${number}T09:00:00Z</creationdate><hostname>cart-${number}</hostname><tool version="8">Copier</tool></creatorinfo>
<processinfo><process>in-place</process><ignore>${ignores.map((each) => `<pattern>${each}</pattern>`).join('')}</ignore></processinfo>
${elements.length > 0 ? `<hashes>${elements.join('')}</hashes>` : ''}${references}</hashlist>`;
}

const c4 = (content: string) => c4Id(digest('sha512', content));

function chain(...lists: [name: string, content: string][]) {
  const links = lists.map(
    ([name, content], at) =>
      `<hashlist sequencenr="${at + 1}"><path>${name}</path><c4>${c4(content)}</c4></hashlist>`,
  );
  return `<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">${links.join('')}</ascmhldirectory>`;
}

/** The folder `ascmhl` of a history, below `root`. */
function history(root: string, ...generations: string[]): Record<string, string> {
  const named = generations.map((content, at): [string, string] => [
    `000${at + 1}_A_2026-01-0${at + 1}_090000Z.mhl`,
    content,
  ]);
  return {
    ...Object.fromEntries(named.map(([name, content]) => [`${root}ascmhl/${name}`, content])),
    [`${root}ascmhl/ascmhl_chain.xml`]: chain(...named),
  };
}

const chainOf = (path: string) => scene.lists().find((list) => list.path === path)?.history;
const verdictOf = (path: string) => scene.verdicts()[path];

test('uses the newest generation that names a file, and states what changed', async () => {
  const first = generation(1, [
    { path: 'a.mov', content: 'a' },
    { path: 'b.mov', content: 'b' },
    { path: 'old.mov', content: 'c' },
    { path: 'gone.mov', content: 'd' },
  ]);
  const second = generation(2, [
    { path: 'a.mov', content: 'a', action: 'verified' },
    { path: 'b.mov', content: 'new b' },
    { path: 'new.mov', content: 'c', before: 'old.mov' },
  ]);
  await scene.receive({
    'A/a.mov': 'a',
    'A/b.mov': 'new b',
    'A/new.mov': 'c',
    ...history('A/', first, second),
  });
  expect(scene.verdicts()).toMatchObject({
    'A/a.mov': 'match',
    'A/b.mov': 'match changed_in_history',
    'A/new.mov': 'match',
  });
  // The first generation still applies to the file that the second does not mention.
  expect(scene.problems()).toEqual(['missing gone.mov missing_file']);
  expect(scene.summary()?.counts).toMatchObject({ differs: 0, missing: 1, extra: 0 });
  const [newest] = scene.files().filter(({ name }) => name === 'a.mov');
  expect(newest!.manifest).toMatchObject({
    generation: 2,
    creator: { tool: 'Copier 8', host: 'cart-2', at: Date.UTC(2026, 0, 2, 9) },
    computedAt: Date.UTC(2026, 0, 2, 10),
  });
  const superseded = scene.lists().map(({ counts }) => counts.superseded);
  expect(superseded).toEqual([3, 0, 0]);
});

test('reports when a file matches an older generation', async () => {
  const first = generation(1, [{ path: 'a.mov', content: 'old' }]);
  const second = generation(2, [{ path: 'a.mov', content: 'new' }]);
  await scene.receive({ 'a.mov': 'old', ...history('', first, second) });
  expect(verdictOf('a.mov')).toBe('differs changed_in_history older_generation');
});

test('does not use a check that failed at the source as reference: the original decides', async () => {
  const first = generation(1, [{ path: 'a.txt', content: 'original' }]);
  const second = generation(2, [{ path: 'a.txt', content: 'altered', action: 'failed' }]);
  await scene.receive({ 'a.txt': 'altered', ...history('', first, second) });
  expect(verdictOf('a.txt')).toBe('differs');
  await scene.receive({ 'a.txt': 'original' });
  expect(verdictOf('a.txt')).toBe('match');
});

test('a failed check alone proves nothing', async () => {
  const only = generation(1, [{ path: 'a.txt', content: 'a', action: 'failed' }]);
  await scene.receive({ 'a.txt': 'a', ...history('', only) });
  expect(verdictOf('a.txt')).toBe('uncheckable failed_at_source');
});

describe('the chain', () => {
  const first = generation(1, [{ path: 'a.mov', content: 'a' }]);
  const second = generation(2, [{ path: 'a.mov', content: 'a' }]);

  test('is valid when each generation has the stated checksum', async () => {
    await scene.receive({ 'a.mov': 'a', ...history('', first, second) });
    expect(chainOf('ascmhl/ascmhl_chain.xml')).toEqual({
      folder: '',
      generation: null,
      generations: 2,
      chain: 'whole',
      folders: { state: 'none', compared: 0, faults: [] },
      faults: [],
    });
    expect(chainOf('ascmhl/0002_A_2026-01-02_090000Z.mhl')).toMatchObject({ generation: 2, chain: 'whole' });
  });

  test('names the generation that was changed, the one that is missing, and the one it does not list', async () => {
    const whole = history('R/', first, second);
    const altered = first.replace('cart-1', 'cart-X');
    const { 'R/ascmhl/0002_A_2026-01-02_090000Z.mhl': _, ...rest } = whole;
    await scene.receive({
      'R/a.mov': 'a',
      ...rest,
      'R/ascmhl/0001_A_2026-01-01_090000Z.mhl': altered,
      'R/ascmhl/0003_A_2026-01-03_090000Z.mhl': generation(3, [{ path: 'a.mov', content: 'a' }]),
    });
    expect(chainOf('R/ascmhl/ascmhl_chain.xml')).toMatchObject({
      chain: 'broken',
      faults: [
        { fault: 'differs', generation: 1, path: '0001_A_2026-01-01_090000Z.mhl' },
        { fault: 'missing', generation: 2 },
        { fault: 'unlisted', generation: 3 },
      ],
    });
    expect(chainOf('R/ascmhl/0003_A_2026-01-03_090000Z.mhl')).toMatchObject({ chain: 'broken' });
    expect(scene.summary()?.counts).toMatchObject({ differs: 1, missing: 1 });
  });

  test('is reported as missing when nobody delivered it', async () => {
    await scene.receive({ 'a.mov': 'a', 'ascmhl/0001_A_2026-01-01_090000Z.mhl': first });
    expect(chainOf('ascmhl/0001_A_2026-01-01_090000Z.mhl')).toMatchObject({ generation: 1, chain: 'none' });
  });
});

describe('hashes of folders', () => {
  // A tree of the reference tool, and the hashes that it publishes for it: examples/scenarios/Output/scenario_01 of
  // https://github.com/ascmitc/mhl (MIT, Copyright 2020 Pomfort GmbH).
  const tree = {
    'Clips/A002C006_141024_R2EC.mov': 'abcd\n',
    'Clips/A002C007_141024_R2EC.mov': 'def\n',
    'Sidecar.txt': 'BLOREM ipsum dolor sit amet, consetetur sadipscing elitr.\n',
  };
  const pair = (algorithm: string, content: string, structure: string) =>
    `<content><${algorithm}>${content}</${algorithm}></content><structure><${algorithm}>${structure}</${algorithm}></structure>`;
  const root = `<roothash>${pair('xxh64', '8d02114c32e28cbe', 'f557f8ca8e5a88ef')}</roothash>`;
  const folder = (path: string, hashes: string) =>
    `<directoryhash><path>${path}</path>${hashes}</directoryhash>`;
  const clips = folder('Clips', pair('xxh64', '4c226b42e27d7af3', '906faa843d591a9f'));
  const values = [
    ['Clips/A002C006_141024_R2EC.mov', '0ea03b369a463d9d'],
    ['Clips/A002C007_141024_R2EC.mov', '7680e5f98f4a80fd'],
    ['Sidecar.txt', '3ab5a4166b9bde44'],
  ];
  const files = values.map(
    ([path, value]) => `<hash><path>${path}</path><xxh64 action="original">${value}</xxh64></hash>`,
  );
  const list = (hashes = clips, head = root, ignores = '') =>
    `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><hostname>x</hostname></creatorinfo>
<processinfo><process>in-place</process>${head}<ignore>${ignores}</ignore></processinfo><hashes>${files.join('')}${hashes}</hashes></hashlist>`;
  const name = 'ascmhl/0001_A002R2EC_2020-01-16_091500Z.mhl';
  const delivered = (...changes: Record<string, string>[]) =>
    Object.fromEntries(
      Object.entries(Object.assign({}, tree, ...changes) as Record<string, string>).map(([path, content]) => [
        `R/${path}`,
        content,
      ]),
    );
  const foldersOf = (path = `R/${name}`) => chainOf(path)?.folders;

  test('match the tree for which the reference tool wrote them, and say so in receipt and report', async () => {
    await scene.receive({ ...delivered(), [`R/${name}`]: list() });
    expect(foldersOf()).toEqual({ state: 'match', compared: 2, faults: [] });
    expect(scene.lists()[0]!.notes).toEqual([]);
    scene.submitRound(scene.request);
    const round = loadSubmittedRound(scene.hub.db, scene.load(), 1);
    const lists = [{ path: `R/${name}`, missing: 0, folders: foldersOf() }];
    const { facts } = await viewReceipt(scene.coordinator(), scene.load(), round, 10);
    expect(receiptFactsView.parse(facts).lists).toEqual(lists);
    const report = await viewQcReport(scene.coordinator(), scene.load(), round);
    expect(qcReportView.parse(report).facts.lists).toEqual(lists);
  });

  test('name the folder in which a file differs, and the folders around it', async () => {
    await scene.receive({
      ...delivered({ 'Clips/A002C006_141024_R2EC.mov': 'abce\n' }),
      [`R/${name}`]: list(),
    });
    const fault = 'content';
    expect(foldersOf()).toEqual({
      state: 'differs',
      compared: 2,
      faults: [
        { path: '', fault },
        { path: 'Clips', fault },
      ],
    });
  });

  test('differ while a file is too many, unless a pattern leaves it out', async () => {
    await scene.receive({ ...delivered({ 'notes.tmp': 'x' }), [`R/${name}`]: list() });
    expect(foldersOf()).toMatchObject({ state: 'differs', faults: [{ path: '', fault: 'content' }] });
    await scene.receive({ [`R/${name}`]: list(clips, root, '<pattern>*.tmp</pattern>') });
    expect(foldersOf()).toMatchObject({ state: 'match' });
  });

  test('tell other names from other files', async () => {
    const { 'Sidecar.txt': text, ...rest } = tree;
    await scene.receive({
      ...rest,
      'Renamed.txt': text,
      [name]: list().replace('<path>Sidecar', '<path>Renamed'),
    });
    expect(foldersOf(name)).toEqual({
      state: 'differs',
      compared: 2,
      faults: [{ path: '', fault: 'names' }],
    });
  });

  test('count a folder that is stated as empty, because no delivery has it', async () => {
    const ofNothing = md5('');
    const [value, empty] = [Buffer.from(md5('a'), 'hex'), Buffer.from(ofNothing, 'hex')];
    const hashed = (...parts: (string | Buffer)[]) =>
      createHash('md5')
        .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
        .digest('hex');
    const named = [hashed('a.mov', value), hashed('empty', empty)].toSorted();
    const content = hashed(...[md5('a'), ofNothing].toSorted().map((each) => Buffer.from(each, 'hex')));
    const structure = hashed(...named.map((each) => Buffer.from(each, 'hex')));
    const only = generation(1, [{ path: 'a.mov', content: 'a' }])
      .replace('<ignore>', `<roothash>${pair('md5', content, structure)}</roothash><ignore>`)
      .replace('</hashes>', `${folder('empty', pair('md5', ofNothing, ofNothing))}</hashes>`);
    await scene.receive({ 'a.mov': 'a', [name]: only });
    expect(foldersOf(name)).toEqual({ state: 'match', compared: 2, faults: [] });
  });

  test('are compared for the newest generation only, and not by values of a check that failed', async () => {
    const newer = name.replace('0001', '0002');
    const failed = root.replace(/<xxh64>/g, '<xxh64 action="failed">');
    await scene.receive({ ...tree, [name]: list(), [newer]: list('', failed) });
    expect(foldersOf(name)).toMatchObject({ state: 'none' });
    expect(foldersOf(newer)).toMatchObject({ state: 'none' });
  });
});

test('histories within a history apply to their own folders, and the outer one contains checksums of their lists', async () => {
  const inner = generation(1, [{ path: 'x.mov', content: 'x' }]);
  const name = 'A002/ascmhl/0001_A_2026-01-01_090000Z.mhl';
  const reference = (path: string, content: string) =>
    `<references><hashlistreference><path>${path}</path><c4>${c4(content)}</c4></hashlistreference></references>`;
  const outer = generation(1, [{ path: 'Summary.txt', content: 's' }], {
    references: reference(name, inner),
  });
  await scene.receive({
    'Reels/Summary.txt': 's',
    'Reels/A002/x.mov': 'x',
    ...history('Reels/A002/', inner),
    ...history('Reels/', outer),
  });
  expect(scene.verdicts()).toMatchObject({
    'Reels/Summary.txt': 'match',
    'Reels/A002/x.mov': 'match',
    [`Reels/${name}`]: 'match',
  });
  expect(scene.summary()?.counts).toMatchObject({ differs: 0, missing: 0, extra: 0 });
  const changed = inner.replace('cart-1', 'cart-X');
  await scene.receive({ [`Reels/${name}`]: changed });
  expect(verdictOf(`Reels/${name}`)).toBe('differs');
});

describe('files that a history ignores', () => {
  const ignores = ['.DS_Store', 'ascmhl', 'ascmhl/', '*.tmp', '!keep.tmp'];
  const first = generation(1, [{ path: 'a.mov', content: 'a' }], { ignores });

  test('are not unlisted, and do not prevent that the list counts as the demanded list', async () => {
    scene.hub.db.update(requests).set({ demandsManifest: true }).run();
    await scene.receive({
      'R/a.mov': 'a',
      'R/x.tmp': 't',
      'R/ascmhl/README.txt': 'r',
      ...history('R/', first),
    });
    expect(scene.verdicts()).toMatchObject({ 'R/x.tmp': 'ignored', 'R/ascmhl/README.txt': 'ignored' });
    expect(scene.summary()?.counts).toMatchObject({ match: 2, extra: 0, missing: 0 });
    const [left] = scene.files().filter(({ name }) => name === 'x.tmp');
    expect(left!.manifest).toMatchObject({
      ignoredBy: '*.tmp',
      list: { path: expect.stringContaining('0001') },
    });
    expect(scene.lists().flatMap(({ leftOut }) => leftOut)).toEqual([
      { pattern: '*.tmp', files: 1 },
      { pattern: 'ascmhl/', files: 1 },
    ]);
    await scene.receive({ 'R/keep.tmp': 'k', 'y.tmp': 'outside' });
    expect(scene.summary()?.counts).toMatchObject({ extra: 2 });
    expect(scene.problems()).toEqual([
      'extra R/keep.tmp extraneous_content',
      'extra y.tmp extraneous_content',
    ]);
  });

  test('do not prevent a submit', async () => {
    scene.hub.db.update(requests).set({ demandsManifest: true }).run();
    await scene.receive({ 'a.mov': 'a', 'x.tmp': 't', ...history('', first) });
    const reviewed = await reviewDelivery(scene.hub, scene.load());
    expect(submitRequest(scene.coordinator(), scene.request, reviewed).status).toBe('submitted');
  });

  test('are no longer ignored when their list is removed', async () => {
    await scene.receive({ 'a.mov': 'a', 'x.tmp': 't', ...history('', first) });
    expect(scene.hub.db.select().from(ignoredFiles).all()).toHaveLength(1);
    const bare = generation(1, [{ path: 'a.mov', content: 'a' }]);
    await scene.receive(history('', bare));
    expect(scene.hub.db.select().from(ignoredFiles).all()).toEqual([]);
    expect(verdictOf('x.tmp')).toBe('extra');
  });
});

describe('a packing list', () => {
  const ids = [1, 2, 3].map((number) => `0000000${number}-0000-4000-8000-000000000000`);
  const hash = (content: string, algorithm = 'sha1') =>
    createHash(algorithm).update(content).digest('base64');
  const asset = (id: string, content: string, algorithm?: string) =>
    `<Asset><Id>urn:uuid:${id}</Id><Hash>${hash(content, algorithm)}</Hash><Size>${content.length}</Size></Asset>`;
  const pkl = (...assets: string[]) =>
    `<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>urn:uuid:${ids[0]}</Id>
<Creator>Resolve 19</Creator><IssueDate>2026-01-05T10:00:00</IssueDate><AssetList>${assets.join('')}</AssetList></PackingList>`;
  const map = (...paths: [id: string, path: string][]) =>
    `<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><Id>urn:uuid:${ids[0]}</Id><AssetList>${paths
      .map(
        ([id, path]) =>
          `<Asset><Id>urn:uuid:${id}</Id><ChunkList><Chunk><Path>${path}</Path></Chunk></ChunkList></Asset>`,
      )
      .join('')}</AssetList></AssetMap>`;

  test('gives a verdict on each file through the asset map, in SHA-1 and SHA-256', async () => {
    await scene.receive({
      'IMP/V 1.mxf': 'video',
      'IMP/sound/A.mxf': 'sound',
      'IMP/C.xml': 'other',
      'IMP/VOLINDEX.xml': '<VolumeIndex/>',
      'IMP/ASSETMAP.xml': map([ids[0]!, 'V%201.mxf'], [ids[1]!, 'sound/A.mxf'], [ids[2]!, 'C.xml']),
      'IMP/PKL_1.xml': pkl(
        asset(ids[0]!, 'video'),
        asset(ids[1]!, 'sound', 'sha256'),
        asset(ids[2]!, 'given'),
        asset('00000009-0000-4000-8000-000000000000', 'x'),
      ),
    });
    expect(scene.verdicts()).toMatchObject({
      'IMP/V 1.mxf': 'match',
      'IMP/sound/A.mxf': 'match',
      'IMP/C.xml': 'differs',
      'IMP/ASSETMAP.xml': 'ignored',
      'IMP/VOLINDEX.xml': 'ignored',
    });
    expect(scene.summary()?.counts).toMatchObject({ match: 2, differs: 1, missing: 1, extra: 0 });
    expect(scene.problems()).toEqual([
      'differs C.xml checksum_mismatch',
      'missing urn:uuid:00000009-0000-4000-8000-000000000000 missing_file',
    ]);
    expect(scene.lists()).toMatchObject([
      { what: 'imf_pkl', creator: { tool: 'Resolve 19', at: Date.UTC(2026, 0, 5, 10) }, history: null },
    ]);
  });

  test('waits for its asset map, and uses a newer one', async () => {
    await scene.receive({ 'a.mxf': 'a', 'b.mxf': 'a', 'PKL_1.xml': pkl(asset(ids[0]!, 'a')) });
    expect(scene.problems()[0]).toBe(`missing urn:uuid:${ids[0]} missing_file`);
    await scene.receive({ 'ASSETMAP.xml': map([ids[0]!, 'a.mxf']) });
    expect(verdictOf('a.mxf')).toBe('match');
    expect(scene.problems()).toEqual(['extra b.mxf extraneous_content']);
  });

  test('cannot lead outside the delivery', async () => {
    await scene.receive({
      'IMP/passwd': 'a',
      'IMP/ASSETMAP.xml': map(
        [ids[0]!, '../../../etc/passwd'],
        [ids[1]!, 'file:///etc/passwd'],
        [ids[2]!, '%2e%2e/'],
      ),
      'IMP/PKL_1.xml': pkl(asset(ids[0]!, 'b'), asset(ids[2]!, 'c')),
    });
    expect(scene.problems()).toEqual([
      'differs etc/passwd checksum_mismatch',
      `missing urn:uuid:${ids[2]} missing_file`,
    ]);
  });
});

test('a person who sees only their own files learns neither who made another person’s list nor what it ignores', async () => {
  const uploader = scene.hub.as(scene.people.uploader);
  await scene.receive({ 'mine.mov': 'm', 'mine.tmp': 't' }, uploader);
  const list = generation(1, [{ path: 'mine.mov', content: 'm' }], { ignores: ['*.tmp'] });
  await scene.receive(history('', list));
  const seen = scene.files(uploader);
  expect(seen.map(({ manifest }) => [manifest?.verdict, manifest?.creator, manifest?.ignoredBy])).toEqual([
    ['match', null, null],
    ['ignored', null, null],
  ]);
  expect(JSON.stringify(seen)).not.toContain('cart-1');
  expect(listManifests(uploader, scene.load())).toEqual([]);
});

test('lists that an earlier version read are read again after the migration', async () => {
  const first = generation(1, [{ path: 'a.mov', content: 'a' }], { ignores: ['*.tmp'] });
  await scene.receive({ 'a.mov': 'a', 'x.tmp': 'x', ...history('', first) });
  const { db, ctx } = scene.hub;
  db.update(manifests).set({ ignores: [], creator: null, history: null }).run();
  db.delete(ignoredFiles).run();
  expect(compareOldLists(ctx)).toBe(0);
  const name = readdirSync(migrationsFolder).find((each) => each.endsWith('_read_histories_again.sql'))!;
  db.$client.exec(readFileSync(join(migrationsFolder, name), 'utf8'));
  expect(compareOldLists(ctx)).toBe(1);
  await scene.settle();
  expect(scene.verdicts()).toMatchObject({ 'a.mov': 'match', 'x.tmp': 'ignored' });
  expect(chainOf('ascmhl/ascmhl_chain.xml')).toMatchObject({ chain: 'whole' });
  expect(compareOldLists(ctx)).toBe(0);
});
