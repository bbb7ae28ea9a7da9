import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { createXXHash128 } from 'hash-wasm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { xmlTime } from '@turnover/domain/manifests/writing/listed-file';
import { c4Id } from '@turnover/domain/media/c4';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { renameFile } from '../files/files.ts';
import { rootHashes, writeAscMhlZip, writeGeneration } from './asc-mhl-history.ts';
import { requireChecksums, writeChecksumLines, type Pieces } from './lists.ts';
import { loadSubmittedRound, pagesOfRound } from './round-files.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

function deliver(path: string, content = path, replace = false): string {
  const id = scene.deliver(request, path, scene.people.partner, replace);
  const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
  // 32 digits stand in for the XXH128 of the content.
  const value = createHash('md5').update(content).digest('hex');
  const at = scene.hub.clock.now;
  scene.hub.db
    .insert(assetChecksums)
    .values({ assetId, algorithm: 'xxh128', value, source: 'computed', at })
    .run();
  return id;
}

const round = (number: number) => loadSubmittedRound(scene.hub.db, request, number);
async function all<Piece>(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const found: Piece[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}
const textOf = async (pieces: Pieces) => (await all(pieces)).join('');
async function generation(number: number): Promise<string> {
  const { db } = scene.hub;
  return textOf(writeGeneration(db, round(number), await rootHashes(db, round(number))));
}

/** The content and structure hash of the root. */
function rootIn(text: string): string[] {
  const root = /<roothash>([\s\S]*)<\/roothash>/.exec(text)![1]!;
  return [...root.matchAll(/>(\w{32})</g)].map(([, value]) => value!);
}
const hashOf = (value: string) => `<xxh128 hashdate="${xmlTime(round(1).submittedAt)}">${value}</xxh128>`;

/** The path, action and previous path of each file. */
async function filesIn(number: number) {
  const text = await generation(number);
  return [...text.matchAll(/<hash>([\s\S]*?)<\/hash>/g)].map(([, hash]) =>
    [/<path[^>]*>(.*)</, /action="(\w+)"/, /<previousPath>(.*)</].map(
      (part) => part.exec(hash!)?.[1] ?? null,
    ),
  );
}

describe('the ASC MHL history of a request', () => {
  test('records which files stay, are replaced, renamed, sent again, new or removed', async () => {
    deliver('stays.wav');
    deliver('replaced.wav', 'before');
    deliver('again.wav', 'same');
    const renamed = deliver('old.wav');
    scene.submitRound(request);
    scene.openNextRound(request);
    deliver('replaced.wav', 'after', true);
    deliver('again.wav', 'same', true);
    await renameFile(scene.hub.as(scene.people.partner), { id: renamed }, 'new.wav');
    deliver('ünï 東京.wav');
    scene.submitRound(request);
    expect(await filesIn(1)).toEqual([
      ['again.wav', 'original', null],
      ['old.wav', 'original', null],
      ['replaced.wav', 'original', null],
      ['stays.wav', 'original', null],
    ]);
    expect(await filesIn(2)).toEqual([
      ['again.wav', 'verified', null],
      ['new.wav', 'verified', 'old.wav'],
      ['replaced.wav', 'original', null],
      ['stays.wav', 'verified', null],
      ['ünï 東京.wav', 'original', null],
    ]);
  });

  test('does not change an earlier manifest when checksums or rounds are added', async () => {
    deliver('a.wav');
    scene.submitRound(request);
    const before = await generation(1);
    scene.hub.clock.now += 60_000;
    const { assetId } = scene.hub.db.select().from(deliveredFiles).get()!;
    const late = { assetId, algorithm: 'md5', value: '0'.repeat(32), source: 'computed' } as const;
    scene.hub.db
      .insert(assetChecksums)
      .values({ ...late, at: scene.hub.clock.now })
      .run();
    scene.openNextRound(request);
    deliver('b.wav');
    scene.submitRound(request);
    expect(await generation(1)).toBe(before);
    expect(before).not.toContain('<md5');
  });

  test('a round without files has the root hash of no bytes', async () => {
    scene.submitRound(request);
    const text = await generation(1);
    expect(text).not.toContain('<hashes>');
    expect(rootIn(text)).toEqual(['99aa06d3014798d86001c324468d497f', '99aa06d3014798d86001c324468d497f']);
  });

  test('has the hashes of each directory after its files, and of the root', async () => {
    for (const path of ['Reel/b.mov', 'Reel/Sound/a.wav', 'notes.txt']) deliver(path);
    scene.submitRound(request);
    const text = await generation(1);
    const order = [...text.matchAll(/<(hash|directoryhash)>\s*<path[^>]*>(.*)</g)].map(([, , path]) => path);
    expect(order).toEqual(['notes.txt', 'Reel/b.mov', 'Reel/Sound/a.wav', 'Reel/Sound', 'Reel']);
    const hasher = await createXXHash128();
    const md5 = (content: string) => createHash('md5').update(content).digest('hex');
    const hashed = (...values: string[]) =>
      hasher
        .init()
        .update(Buffer.from(values.toSorted().join(''), 'hex'))
        .digest();
    const sound = hashed(md5('Reel/Sound/a.wav'));
    const reel = hashed(md5('Reel/b.mov'), sound);
    expect(text).toContain(`<path>Reel/Sound</path>\n      <content>\n        ${hashOf(sound)}`);
    expect(text).toContain(`<path>Reel</path>\n      <content>\n        ${hashOf(reel)}`);
    expect(rootIn(text)[0]).toBe(hashed(reel, md5('notes.txt')));
  });

  test('has no directory hashes while a file has no XXH128', async () => {
    deliver('Reel/a.mov');
    scene.deliver(request, 'Reel/b.mov', scene.people.partner);
    scene.submitRound(request);
    expect(await generation(1)).not.toMatch(/<(roothash|directoryhash)>/);
  });

  test('is a ZIP with a manifest for each round and a chain of their C4 IDs', async ({ skip }) => {
    deliver('Reel/a.wav');
    scene.submitRound(request);
    scene.openNextRound(request);
    scene.submitRound(request);
    const zip = Buffer.concat(await all(writeAscMhlZip(scene.hub.ctx, request, 2)));
    const folder = mkdtempSync(join(tmpdir(), 'turnover-zip-'));
    try {
      writeFileSync(join(folder, 'a.zip'), zip);
      const unzip = [
        '-c',
        'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])',
      ];
      if (spawnSync('python3', ['--version']).status !== 0) skip();
      execFileSync('python3', [...unzip, join(folder, 'a.zip'), folder]);
      const names = readdirSync(join(folder, 'ascmhl')).toSorted();
      expect(names).toEqual([
        expect.stringMatching(/^0001_Sound mix_.*Z\.mhl$/),
        expect.stringMatching(/^0002_Sound mix_.*Z\.mhl$/),
        'ascmhl_chain.xml',
      ]);
      const chain = readFileSync(join(folder, 'ascmhl/ascmhl_chain.xml'), 'utf8');
      for (const name of names.slice(0, 2)) {
        const bytes = readFileSync(join(folder, 'ascmhl', name));
        expect(chain).toContain(c4Id(createHash('sha512').update(bytes).digest('hex')));
      }
      // The schema is not in this repository: point MHL_SCHEMA at ASCMHL.xsd of github.com/ascmitc/mhl.
      const schema = process.env['MHL_SCHEMA'];
      if (schema && spawnSync('xmllint', ['--version']).status === 0) {
        const checked = names.slice(0, 2).map((name) => join(folder, 'ascmhl', name));
        execFileSync('xmllint', ['--noout', '--schema', schema, ...checked], { stdio: 'pipe' });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('lists of a round', () => {
  test('require the checksums of all files, and state how many are missing', async () => {
    deliver('a.wav');
    deliver('b.wav');
    scene.submitRound(request);
    expect(await refusalOf(() => requireChecksums(scene.hub.db, round(1), ['md5']))).toMatchObject({
      code: 'unresolved',
      details: { count: 2 },
    });
    expect(() => requireChecksums(scene.hub.db, round(1), ['xxh128'])).not.toThrow();
  });

  test('throw not_found for a round that was not submitted', async () => {
    expect(await refusalOf(() => round(1))).toMatchObject({ code: 'not_found' });
  });

  test('contain 10,000 files once each and in order, read in pages', async () => {
    const id = deliver('first.wav');
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
    scene.hub.db.update(assets).set({ sizeBytes: 7 }).where(eq(assets.id, assetId)).run();
    scene.hub.db.run(sql`
      insert into delivered_files (id, request_id, path, path_key, asset_id, is_manifest, delivered_by, added_at, added_round)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999)
      select 'dlv_' || i, ${request.id}, printf('frames/f.%05d.dpx', i), printf('frames/f.%05d.dpx', i), ${assetId}, 0,
        ${scene.people.partner.id}, 0, 1 from n`);
    scene.submitRound(request);
    let [largest, files] = [0, 0];
    for await (const page of pagesOfRound(scene.hub.db, round(1))) {
      largest = Math.max(largest, page.length);
      files += page.length;
    }
    expect({ largest, files }).toEqual({ largest: 500, files: 10_000 });
    const lines = (await textOf(writeChecksumLines(scene.hub.ctx, round(1), 'xxh128'))).trimEnd().split('\n');
    expect(lines).toHaveLength(10_000);
    expect(new Set(lines).size).toBe(10_000);
    expect(lines).toEqual(lines.toSorted());
  });
});
