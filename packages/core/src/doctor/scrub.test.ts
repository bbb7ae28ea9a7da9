import { rmSync, writeFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { auditEntries } from '@turnover/db/schema/audit';
import { damages, examinations } from '@turnover/db/schema/damages';
import { notifications } from '@turnover/db/schema/notifications';
import { dayMs } from '@turnover/domain/days';
import { damageScene, flipBit, readChecksum } from '../testing/damages.ts';
import { askForExamination, examineWhenDue, lastExamination } from './examinations.ts';
import { repair } from './repair.ts';
import { fileToScrub, scrubFile } from './scrub.ts';

let scene: Awaited<ReturnType<typeof damageScene>>;
beforeEach(async () => {
  scene = await damageScene();
});
afterEach(() => scene.hub.close());

const days = 30;
const next = () => fileToScrub(scene.hub.ctx, days);
const scrub = (read = readChecksum) => scrubFile(scene.hub.ctx, scene.care, next()!, read);
const known = () => scene.hub.db.select().from(damages).all();
const notices = (userId: string) =>
  scene.hub.db
    .select()
    .from(notifications)
    .where(eq(notifications.userId, userId))
    .all()
    .filter(({ kind }) => kind === 'storage.damaged');

test('reads each file once within the days, the one that waits longest first', async () => {
  const { clock } = scene.hub;
  const first = await scene.store('first.mov');
  clock.advance(dayMs);
  const second = await scene.store('second.mov');
  expect(next()).toBeUndefined();
  clock.advance((days - 1) * dayMs);
  expect(next()?.id).toBe(first);
  await scrub();
  expect(next()).toBeUndefined();
  clock.advance(dayMs);
  expect(next()?.id).toBe(second);
  await scrub();
  expect(next()).toBeUndefined();
  clock.advance((days - 1) * dayMs);
  expect(next()?.id).toBe(first);
  expect(known()).toEqual([]);
});

test('stores a flipped bit and notifies the owners once, until the file is mended', async () => {
  const owner = scene.hub.createPerson({ isOwner: true });
  const assetId = await scene.store('film.mov');
  scene.hub.clock.advance(days * dayMs);
  flipBit(scene.care.assetPath(assetId));
  await scrub();
  expect(known()).toMatchObject([{ kind: 'changed', subject: assetId, foundAt: scene.hub.clock.now }]);
  expect(notices(owner.id)).toMatchObject([{ data: { count: 1 } }]);
  expect(next()).toBeUndefined();
  scene.hub.clock.advance(days * dayMs);
  await scrub();
  expect([known().length, notices(owner.id).length]).toEqual([1, 1]);
  expect(known()[0]!.seenAt).toBe(scene.hub.clock.now);
  flipBit(scene.care.assetPath(assetId));
  scene.hub.clock.advance(days * dayMs);
  await scrub();
  expect(known()).toEqual([]);
});

test('an interrupted file is due again, and no damage', async () => {
  const assetId = await scene.store('film.mov');
  scene.hub.clock.advance(days * dayMs);
  await scrub(() => Promise.resolve(null));
  expect(known()).toEqual([]);
  expect(next()?.id).toBe(assetId);
});

test('a file that was freed while it was read is no damage', async () => {
  const assetId = await scene.store('film.mov');
  scene.hub.clock.advance(days * dayMs);
  await scrub(() => {
    scene.hub.db.update(assets).set({ state: 'freed' }).where(eq(assets.id, assetId)).run();
    return Promise.reject(new Error('EIO: i/o error, read'));
  });
  expect(known()).toEqual([]);
});

test('a file without a checksum is not due again at once', async () => {
  const assetId = await scene.store('film.mov');
  scene.hub.db.delete(assetChecksums).where(eq(assetChecksums.assetId, assetId)).run();
  scene.hub.clock.advance(days * dayMs);
  await scrub();
  expect([next(), known()]).toEqual([undefined, []]);
});

test('an examination runs once a day, when asked for, and again after an interruption', async () => {
  const { ctx, clock } = scene.hub;
  await scene.store('film.mov');
  expect(await examineWhenDue(ctx, scene.care)).toBe(true);
  expect(lastExamination(ctx)).toMatchObject({ files: 1, endedAt: clock.now });
  clock.advance(1000);
  expect(await examineWhenDue(ctx, scene.care)).toBe(false);
  askForExamination(ctx);
  expect(await examineWhenDue(ctx, scene.care)).toBe(true);
  scene.hub.db.update(examinations).set({ endedAt: null }).run();
  expect(await examineWhenDue(ctx, scene.care)).toBe(true);
  clock.advance(1000);
  expect(await examineWhenDue(ctx, scene.care)).toBe(false);
  clock.advance(dayMs);
  expect(await examineWhenDue(ctx, scene.care)).toBe(true);
});

test('an examination keeps what only reading finds, and forgets what is mended', async () => {
  const { ctx, clock } = scene.hub;
  const owner = scene.hub.createPerson({ isOwner: true });
  const changed = await scene.store('changed.mov');
  clock.advance(1000);
  const lost = await scene.store('lost.mov');
  clock.advance(days * dayMs);
  flipBit(scene.care.assetPath(changed));
  await scrub();
  rmSync(scene.care.assetPath(lost));
  await examineWhenDue(ctx, scene.care);
  expect(known().map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    `changed ${changed}`,
    `missing ${lost}`,
  ]);
  expect(notices(owner.id).length).toBe(2);
  writeFileSync(scene.care.assetPath(lost), 'content of lost.mov');
  clock.advance(dayMs);
  await examineWhenDue(ctx, scene.care);
  expect(known().map(({ subject }) => subject)).toEqual([changed]);
  expect(notices(owner.id).length).toBe(2);
});

test('a repaired damage is no longer known, and its repair is in the audit log', async () => {
  const { ctx, clock, folder } = scene.hub;
  writeFileSync(`${folder}/vault/stray`, 'bytes');
  clock.now = Date.now();
  await examineWhenDue(ctx, scene.care);
  const [stray] = known();
  await repair(ctx, scene.care, { kind: 'unknownFile', subject: stray!.subject }, { readChecksum });
  expect(known()).toEqual([]);
  expect(scene.hub.db.select().from(auditEntries).all()).toMatchObject([
    { action: 'commands.repairDamage', subject: stray!.subject, details: '{"kind":"unknownFile"}' },
  ]);
});
