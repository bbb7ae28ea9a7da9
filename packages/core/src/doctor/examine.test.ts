import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assetChecksums } from '@turnover/db/schema/assets';
import { dayMs } from '@turnover/domain/days';
import { damageWords, type Damage, type DamageKind } from '@turnover/domain/server/damages';
import { openStorageCare } from '../storage-care.ts';
import { damageScene, flipBit, readChecksum, sumOf } from '../testing/damages.ts';
import { verifyUpload } from '../uploads/verification.ts';
import { examine } from './examine.ts';
import { repair } from './repair.ts';

/** A test cannot damage its database in memory; the orphaned row has a test of its own. */
const planted = (Object.keys(damageWords) as DamageKind[]).filter(
  (kind) => kind !== 'database' && kind !== 'orphanedRow',
);

let scene: Awaited<ReturnType<typeof damageScene>>;
beforeEach(async () => {
  scene = await damageScene();
});
afterEach(() => scene.hub.close());

const examineAll = (read = false) =>
  examine(scene.hub.ctx, scene.care, { checksDatabase: true, ...(read && { readChecksum }) });

/** Names and content of all files in the data folder. */
function treeOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path} ${sumOf(readFileSync(path))}`);
}

describe('a clean hub', () => {
  test('gives no alarm, whatever state its uploads and files are in', async () => {
    for (let number = 0; number < 40; number++) await scene.store(`clean-${number}.mov`);
    await scene.fill({ filename: 'arriving.mov' });
    await scene.begin({ filename: 'begun.mov' });
    await scene.send({ filename: 'checked-next.mov' });
    const rejected = await scene.send({ filename: 'rejected.mov', checksum: `md5:${'0'.repeat(32)}` });
    await verifyUpload(scene.hub.ctx, rejected, { xxh128: sumOf('x'), md5: sumOf('x') });
    // The hub stopped between moving the file and committing its row.
    const linked = await scene.send({ filename: 'linked.mov' });
    await scene.hub.storage.publish(linked, scene.rowOf(linked).assetId!);
    scene.hub.clock.now = Date.now() + dayMs;
    expect(await examineAll(true)).toEqual({
      files: 40,
      bytes: expect.any(Number),
      readFiles: 40,
      readBytes: expect.any(Number),
      damages: [],
    });
  });

  test('counts a file without a computed checksum as not read', async () => {
    const assetId = await scene.store('old.mov');
    scene.hub.db.delete(assetChecksums).where(eq(assetChecksums.assetId, assetId)).run();
    expect(await examineAll(true)).toMatchObject({ files: 1, readFiles: 0, readBytes: 0, damages: [] });
  });
});

describe('a damaged hub', () => {
  test.each(planted)('%s is found and named, and nothing is changed', async (kind) => {
    const { needsRead, plant } = scene.plants.find((each) => each.kind === kind)!;
    await scene.store('whole.mov');
    const subject = await plant('broken.mov');
    scene.hub.clock.now = Date.now() + dayMs;
    const before = treeOf(scene.hub.folder);
    const { damages } = await examineAll(needsRead);
    expect(damages.map((damage) => [damage.kind, damage.subject])).toEqual([[kind, subject]]);
    expect(treeOf(scene.hub.folder)).toEqual(before);
    expect((await examineAll(needsRead)).damages).toEqual(damages);
  });

  test('every damage among many is found under its kind', async () => {
    for (let number = 0; number < 30; number++) await scene.store(`whole-${number}.mov`);
    const expected: string[] = [];
    for (let number = 0; number < 3; number++)
      for (const { kind, plant } of scene.plants)
        expected.push(`${kind} ${await plant(`${kind}-${number}.mov`)}`);
    scene.hub.clock.now = Date.now() + dayMs;
    const { damages } = await examineAll(true);
    expect(damages.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual(expected.sort());
  });

  test('an orphaned row is counted by its table', async () => {
    await scene.store('whole.mov');
    const { $client } = scene.hub.db;
    $client.pragma('foreign_keys = OFF');
    $client.prepare("update entries set owner_id = 'usr_gone'").run();
    $client.pragma('foreign_keys = ON');
    expect((await examineAll()).damages).toEqual([{ kind: 'orphanedRow', subject: 'entries', found: 1 }]);
  });
});

describe('a repair', () => {
  async function repairAll(damages: readonly Damage[], copyFolder?: string) {
    const repairs = [];
    for (const damage of damages)
      repairs.push(await repair(scene.hub.ctx, scene.care, damage, { copyFolder, readChecksum }));
    return repairs;
  }

  test('sets unknown files aside with their bytes, and ends stuck uploads', async () => {
    const unknown = scene.plants.filter(({ kind }) =>
      ['unknownFile', 'leftPart', 'stuckUpload'].includes(kind),
    );
    for (const { kind, plant } of unknown) await plant(`${kind}.mov`);
    scene.hub.clock.now = Date.now() + dayMs;
    const { damages } = await examineAll();
    const contents = treeOf(scene.hub.folder).map((line) => line.split(' ').at(-1));
    const repairs = await repairAll(damages);
    expect(repairs.every((each) => 'done' in each)).toBe(true);
    expect((await examineAll()).damages).toEqual([]);
    const after = treeOf(scene.hub.folder).map((line) => line.split(' ').at(-1));
    expect(after.sort()).toEqual(contents.sort());
  });

  test('never overwrites a file that was set aside before', async () => {
    const path = join(scene.hub.folder, 'vault/stray');
    scene.hub.clock.now = Date.now() + dayMs;
    for (const content of ['first', 'second']) {
      writeFileSync(path, content);
      await repairAll((await examineAll()).damages);
    }
    expect(readFileSync(path, 'utf8')).toBe('second');
    const { damages } = await examineAll();
    scene.hub.clock.advance(1000);
    await repairAll(damages);
    const aside = join(scene.hub.folder, 'quarantine/doctor');
    const kept = readdirSync(aside).map((name) => readFileSync(join(aside, name), 'utf8'));
    expect(kept.sort()).toEqual(['first', 'second']);
  });

  test.each(['missing', 'truncated', 'tooLong', 'changed', 'unreadable'])(
    'takes a file that is %s from a copy, and keeps the damaged one',
    async (kind) => {
      const { needsRead, plant } = scene.plants.find((each) => each.kind === kind)!;
      const assetId = await plant('film.mov');
      const copy = copyWith(assetId, 'content of film.mov');
      const { damages } = await examineAll(needsRead);
      const [result] = await repairAll(damages, copy);
      if (kind === 'unreadable') {
        expect(result).toMatchObject({ left: expect.any(String) });
        return;
      }
      expect(result).toMatchObject({ done: expect.stringContaining('checksum matches') });
      expect(readFileSync(scene.care.assetPath(assetId), 'utf8')).toBe('content of film.mov');
      expect((await examineAll(true)).damages).toEqual([]);
      const aside = join(scene.hub.folder, 'quarantine/doctor');
      expect(kind === 'missing' ? [] : readdirSync(aside)).toHaveLength(kind === 'missing' ? 0 : 1);
    },
  );

  test.each([
    ['damaged too', 'content of film.moX', 'The file in the copy is damaged too.'],
    ['of another size', 'short', 'The file in the copy has another size.'],
  ])('refuses a copy that is %s, and leaves the file', async (_, content, left) => {
    const assetId = await scene.store('film.mov');
    flipBit(scene.care.assetPath(assetId));
    const before = readFileSync(scene.care.assetPath(assetId));
    const { damages } = await examineAll(true);
    expect(await repairAll(damages, copyWith(assetId, content))).toMatchObject([{ left }]);
    expect(readFileSync(scene.care.assetPath(assetId))).toEqual(before);
    expect(readdirSync(dirname(scene.care.assetPath(assetId)))).toEqual([assetId]);
  });

  test('says what to do about damage that it cannot repair', async () => {
    await scene.plants.find(({ kind }) => kind === 'freedInUse')!.plant('gone.mov');
    const missing = await scene.plants.find(({ kind }) => kind === 'missing')!.plant('lost.mov');
    const { damages } = await examineAll();
    const emptyCopy = copyWith(missing, 'x');
    renameSync(join(emptyCopy, 'vault'), join(emptyCopy, 'other'));
    for (const copyFolder of [undefined, emptyCopy]) {
      for (const result of await repairAll(damages, copyFolder))
        expect(result).toMatchObject({ left: expect.stringMatching(/[.]$/) });
    }
  });

  function copyWith(assetId: string, content: string): string {
    const copy = join(scene.hub.folder, 'derived/copy');
    const path = openStorageCare(copy).assetPath(assetId);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return copy;
  }
});
