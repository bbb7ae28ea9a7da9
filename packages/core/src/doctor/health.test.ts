import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { damages } from '@turnover/db/schema/damages';
import { dayMs } from '@turnover/domain/days';
import type { DamageKind } from '@turnover/domain/server/damages';
import { maxListedDamages } from '@turnover/domain/server/health';
import type { DeliveryRequest } from '../access.ts';
import { verifyUpload } from '../uploads/verification.ts';
import { removeEntry } from '../workspace/trash.ts';
import { damageScene, flipBit, readChecksum, sumOf } from '../testing/damages.ts';
import { examineWhenDue } from './examinations.ts';
import { describeHealth } from './health.ts';
import { fileToScrub, scrubFile } from './scrub.ts';

let scene: Awaited<ReturnType<typeof damageScene>>;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await damageScene();
  request = scene.createRequest();
});
afterEach(() => scene.hub.close());

const owner = () => scene.hub.createPerson({ isOwner: true });
const health = (as = owner()) => describeHealth(scene.hub.as(as));

async function deliver(filename: string, content: string): Promise<string> {
  const uploadId = await scene.send({ filename, requestId: request.id }, content);
  await verifyUpload(scene.hub.ctx, uploadId, { xxh128: sumOf(content) });
  return scene.rowOf(uploadId).assetId!;
}

test('counts each stored byte once, by what it is for', async () => {
  await scene.store('kept.mov', '1'.repeat(10));
  await scene.store('deleted.mov', '2'.repeat(200));
  await scene.store('replaced.mov', '3'.repeat(3000));
  const again = await scene.send({ filename: 'replaced.mov', replace: true }, '4'.repeat(40));
  await verifyUpload(scene.hub.ctx, again, { xxh128: 'b' });
  await deliver('delivered.mov', '5'.repeat(50_000));
  await scene
    .fill({ filename: 'unfinished.mov', sizeBytes: 9_000_000 }, '6'.repeat(600_000))
    .catch(() => null);
  const deleted = scene.list().find(({ name }) => name === 'deleted.mov')!;
  removeEntry(scene.ctx, { id: deleted.id, projectId: scene.project.id });
  const { storage } = await health();
  expect(storage.kinds).toEqual({
    deliveries: 50_000,
    workspaces: 50,
    trash: 200,
    versions: 3000,
    unused: 0,
    previews: 0,
    unfinished: 600_000,
  });
  expect(storage.projects).toEqual([
    { id: scene.project.id, name: scene.project.name, bytes: 53_250, workspacesBytes: 3250 },
  ]);
});

test('names a damaged file to members of its project only, and the owner of a file in a Workspace', async () => {
  const kept = await scene.store('confidential.mov');
  const delivered = await deliver('reel_1.mov', 'bytes');
  for (const id of [kept, delivered]) rmSync(scene.care.assetPath(id));
  await examineWhenDue(scene.hub.ctx, scene.care);
  const { damages, doctor } = await health();
  expect(doctor).toMatchObject({ isAsked: false, files: 2, endedAt: scene.hub.clock.now });
  expect(damages.total).toBe(2);
  const { id, name } = scene.project;
  const project = { id, name };
  const listed = (found: typeof damages, wanted: string) =>
    found.listed.find(({ subject }) => subject === wanted);
  expect(listed(damages, delivered)).toMatchObject({
    kind: 'missing',
    delivered: { project, file: null },
    workspaceOf: null,
  });
  const member = owner();
  scene.hub.addMember(scene.project, member, 'coordinator');
  const file = { path: 'reel_1.mov', requestId: request.id, request: request.name };
  expect(listed((await health(member)).damages, delivered)?.delivered).toEqual({ project, file });
  const ofWorkspace = listed(damages, kept);
  expect(ofWorkspace).toMatchObject({ delivered: null, workspaceOf: scene.ctx.person.name });
  expect(JSON.stringify(ofWorkspace)).not.toContain('confidential');
});

test('counts all damages by how they are found, also those beyond the list', async () => {
  const { ctx, clock } = scene.hub;
  const found = (kind: DamageKind, number: number) =>
    Array.from({ length: number }, (_, at) => ({
      kind,
      subject: `ast_${kind}_${at}`,
      foundAt: clock.now,
      seenAt: clock.now,
    }));
  ctx.db
    .insert(damages)
    .values([...found('changed', 80), ...found('missing', 70), ...found('unreadable', 40)])
    .run();
  const { total, byReading, listed } = (await health()).damages;
  expect([total, byReading, listed.length]).toEqual([190, 120, maxListedDamages]);
});

test('says how much of the stored bytes was read again within the days', async () => {
  await scene.store('read.mov', 'x'.repeat(30));
  scene.hub.clock.advance(dayMs);
  await scene.store('new.mov', 'x'.repeat(70));
  scene.hub.clock.advance(29 * dayMs);
  const file = fileToScrub(scene.hub.ctx, 30)!;
  flipBit(scene.care.assetPath(file.id));
  await scrubFile(scene.hub.ctx, scene.care, file, readChecksum);
  const { scrubber, damages } = await health();
  expect(scrubber).toEqual({ days: 30, files: 2, bytes: 100, readFiles: 1, readBytes: 30 });
  expect(damages.listed).toMatchObject([{ kind: 'changed' }]);
});
