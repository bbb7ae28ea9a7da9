import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { uploads } from '@turnover/db/schema/uploads';
import type { BeginUploadInput } from '@turnover/domain/workspace/uploads';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { settleArrivals, sweepIncoming, truncateToDurable } from './recovery.ts';
import { storeSmallFile, storeSmallFiles, type SmallFile } from './small-files.ts';

let scene: UploadScene;
beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const file = (more: Partial<BeginUploadInput> = {}, rest: Partial<SmallFile> = {}): SmallFile => ({
  input: scene.wanted(more),
  bytes: Buffer.from('xxxxx'),
  ...rest,
});
const key = (number: number) => `key-${String(number).padStart(16, '0')}`;
const incoming = () =>
  readdirSync(join(scene.hub.folder, 'incoming')).filter((name) => name !== 'turnover.id');
const arrival = (id: string) => join(scene.hub.folder, 'incoming', `${id}.new`);
const codes = (results: PromiseSettledResult<string>[]) =>
  results.map((each) => (each.status === 'fulfilled' ? 'stored' : (each.reason as { code?: string }).code));

describe('a small file', () => {
  test('appears at once, with its bytes where the worker hashes them', async () => {
    const id = await storeSmallFile(scene.ctx, file({ modifiedAt: 7 }, { metadata: 'filename eA==' }));
    expect(scene.rowOf(id)).toMatchObject({
      status: 'verifying',
      durableOffset: 5,
      modifiedAt: 7,
      metadata: 'filename eA==',
    });
    expect(scene.list()).toMatchObject([{ name: 'cut.mov', state: 'verifying', sizeBytes: 5 }]);
    expect(readFileSync(scene.hub.storage.incomingPath(id), 'utf8')).toBe('xxxxx');
    expect(incoming()).toEqual([`${id}.part`]);
  });

  test('is delivered into a request under the rules of any upload', async () => {
    const { id: requestId } = scene.createRequest();
    const results = await storeSmallFiles(scene.ctx, [
      file({ requestId, filename: 'a.mov', relativePath: 'reel/a.mov' }),
      file({ requestId, filename: '.DS_Store' }),
      file({ requestId, filename: 'a.mov', relativePath: 'reel/A.mov' }),
    ]);
    expect(codes(results)).toEqual(['stored', 'rules_unmet', 'invalid_input']);
  });

  test('that is sent again with its key is the same file, even if somebody else uses the same key', async () => {
    const id = await storeSmallFile(scene.ctx, file({}, { key: key(1) }));
    expect(await storeSmallFile(scene.ctx, file({}, { key: key(1) }))).toBe(id);
    expect(await storeSmallFile(scene.ctx, file({ filename: 'renamed.mov' }, { key: key(1) }))).toBe(id);
    const other = scene.hub.as(scene.hub.createPerson({ project: scene.project }));
    expect(await storeSmallFile(other, file({}, { key: key(1) }))).not.toBe(id);
    expect(scene.names()).toEqual(['cut.mov']);
  });

  test('that is twice in one bundle with the same key is stored once', async () => {
    const same = file({}, { key: key(2) });
    const [one, other] = await storeSmallFiles(scene.ctx, [same, same]);
    expect(one).toEqual(other);
    expect(incoming()).toHaveLength(1);
  });

  test('of 0 bytes is stored', async () => {
    const id = await storeSmallFile(scene.ctx, file({ sizeBytes: 0 }, { bytes: Buffer.alloc(0) }));
    expect(scene.rowOf(id)).toMatchObject({ status: 'verifying', sizeBytes: 0 });
  });

  test('replaces the file with its name or gets another name, as asked', async () => {
    await storeSmallFile(scene.ctx, file());
    await storeSmallFile(scene.ctx, file({ ifTaken: 'replace' }));
    await storeSmallFile(scene.ctx, file({ ifTaken: 'keepBoth' }));
    expect(scene.names().sort()).toEqual(['cut (2).mov', 'cut.mov']);
    expect(scene.hub.db.$client.prepare('select max(version) from entries').pluck().get()).toBe(2);
  });
});

describe('several small files', () => {
  test('get separate results in their order, and refused files leave nothing behind', async () => {
    const stranger = scene.hub.createProject();
    const results = await storeSmallFiles(scene.ctx, [
      file({ filename: 'one.mov' }),
      file({ filename: 'ONE.mov' }),
      file({ filename: 'a/b.mov' }),
      file({ filename: 'two.mov', projectId: stranger.id }),
      file({ filename: '映像 🎬.mov', relativePath: 'リール/映像 🎬.mov' }),
    ]);
    expect(codes(results)).toEqual(['stored', 'name_taken', 'name_invalid', 'not_found', 'stored']);
    expect(scene.names().sort()).toEqual(['one.mov', 'リール']);
    expect(incoming()).toHaveLength(2);
    expect(scene.hub.db.select().from(uploads).all()).toHaveLength(2);
  });

  test('with the same name are stored only once', async () => {
    const results = await Promise.all([0, 1].map(() => storeSmallFiles(scene.ctx, [file()])));
    expect(codes(results.flat()).sort()).toEqual(['name_taken', 'stored']);
    expect(incoming()).toHaveLength(1);
  });

  test('share one event for their folder', async () => {
    const files = ['a', 'b', 'c'].map((name) => file({ filename: `${name}.mov` }));
    const events = await scene.eventsOf(() => storeSmallFiles(scene.ctx, files));
    expect(events).toEqual(['workspace.changed to its owner', 'upload.changed to its owner']);
  });

  test('still signal their folder when the first file is refused', async () => {
    await storeSmallFile(scene.ctx, file({ filename: 'taken.mov' }));
    const files = ['taken', 'free'].map((name) => file({ filename: `${name}.mov` }));
    const events = await scene.eventsOf(() => storeSmallFiles(scene.ctx, files));
    expect(events).toEqual(['workspace.changed to its owner', 'upload.changed to its owner']);
  });

  test('stop exactly at the limit of the Workspace', async () => {
    const { hub, project } = scene;
    hub.db.$client.prepare('update projects set max_workspace_bytes = 12 where id = ?').run(project.id);
    const files = ['a', 'b', 'c', 'd'].map((name) => file({ filename: `${name}.mov` }));
    expect(codes(await storeSmallFiles(scene.ctx, files)).sort()).toEqual([
      'no_space',
      'no_space',
      'stored',
      'stored',
    ]);
    expect(incoming()).toHaveLength(2);
  });

  test('of a person whose account was just disabled are refused', async () => {
    scene.hub.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, scene.ctx.person.id)).run();
    expect(codes(await storeSmallFiles(scene.ctx, [file()]))).toEqual(['forbidden']);
    expect(incoming()).toEqual([]);
  });
});

describe('when the disk fails', () => {
  const broken = (call: 'storeArrival' | 'syncArrivals', code: string) => ({
    ...scene.ctx,
    storage: { ...scene.ctx.storage, [call]: () => Promise.reject(Object.assign(new Error(code), { code })) },
  });

  test.each([
    ['storeArrival', 'ENOSPC'],
    ['storeArrival', 'EIO'],
    ['syncArrivals', 'EIO'],
  ] as const)('%s with %s stores nothing', async (call, code) => {
    expect(codes(await storeSmallFiles(broken(call, code), [file()]))).toEqual([code]);
    expect([incoming(), scene.names()]).toEqual([[], []]);
  });
});

describe('after a crash', () => {
  const boot = async () => {
    await settleArrivals(scene.hub.ctx);
    await truncateToDurable(scene.hub.ctx);
    await sweepIncoming(scene.hub.ctx);
  };

  test('moves a file whose row is committed to its place', async () => {
    const id = await storeSmallFile(scene.ctx, file());
    renameSync(scene.hub.storage.incomingPath(id), arrival(id));
    await boot();
    expect(readFileSync(scene.hub.storage.incomingPath(id), 'utf8')).toBe('xxxxx');
    expect(existsSync(arrival(id))).toBe(false);
  });

  test('moves a file without a row to the quarantine', async () => {
    const id = scene.ctx.newId('upload');
    writeFileSync(arrival(id), 'xxxxx');
    await boot();
    expect(incoming()).toEqual([]);
    expect(readFileSync(join(scene.hub.folder, 'quarantine', `${id}.part`), 'utf8')).toBe('xxxxx');
  });
});

test('the worker finds a file that has not taken its place yet, and the web process does not mind', async () => {
  const id = await storeSmallFile(scene.ctx, file());
  renameSync(scene.hub.storage.incomingPath(id), arrival(id));
  const read = (path: string) => Promise.resolve(readFileSync(path, 'utf8'));
  expect(await scene.hub.storage.lendIncoming(id, read)).toBe('xxxxx');
  scene.hub.storage.keepArrival(id);
  expect(incoming()).toEqual([`${id}.part`]);
});

test('one that is refused is refused by its own error', async () => {
  await storeSmallFile(scene.ctx, file());
  expect(await refusalOf(() => storeSmallFile(scene.ctx, file()))).toMatchObject({ code: 'name_taken' });
});
