import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { requestAssignees } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import type { BeginUploadInput } from '@turnover/domain/workspace/uploads';
import type { PersonContext } from '../context.ts';
import type { Storage } from '../storage.ts';
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

describe('a key that was used before', () => {
  const checksum = `xxh128:${'a'.repeat(32)}`;

  test('for another file, of whatever difference, is a conflict', async () => {
    const { hub, ctx, people } = scene;
    const elsewhere = hub.createProject();
    hub.addMember(elsewhere, ctx.person, 'partner');
    const { id: requestId } = scene.createRequest();
    const folderId = scene.createEntry(people.partner, 'Folder');
    await storeSmallFile(ctx, file({}, { key: key(1) }));
    const others = [
      file({ filename: 'renamed.mov' }, { key: key(1) }),
      file({ relativePath: 'reel/cut.mov' }, { key: key(1) }),
      file({ sizeBytes: 6 }, { key: key(1), bytes: Buffer.from('xxxxxx') }),
      file({ checksum }, { key: key(1) }),
      file({ projectId: elsewhere.id }, { key: key(1) }),
      file({ requestId }, { key: key(1) }),
      file({ folderId }, { key: key(1) }),
    ];
    expect(codes(await storeSmallFiles(ctx, others))).toEqual(others.map(() => 'conflict'));
    expect([scene.names().sort(), incoming()]).toEqual([['Folder', 'cut.mov'], [expect.any(String)]]);
  });

  test('twice in one bundle for different files is a conflict too', async () => {
    const [one, other] = ['a.mov', 'b.mov'].map((filename) => file({ filename }, { key: key(1) }));
    expect(codes(await storeSmallFiles(scene.ctx, [one!, other!]))).toEqual(['stored', 'conflict']);
    expect(incoming()).toHaveLength(1);
  });

  test('for the same file finds it in the folders that its path made', async () => {
    const folderId = scene.createEntry(scene.people.partner, 'Folder');
    for (const into of [{}, { folderId }]) {
      const nested = file({ ...into, relativePath: 'a/b/cut.mov' }, { key: key(into.folderId ? 1 : 2) });
      const id = await storeSmallFile(scene.ctx, nested);
      expect(await storeSmallFile(scene.ctx, nested)).toBe(id);
    }
  });

  test.each(['mismatch', 'discarded'] as const)('for a file that is %s stores it anew', async (status) => {
    const same = file({ checksum, ifTaken: 'keepBoth' }, { key: key(1) });
    const first = await storeSmallFile(scene.ctx, same);
    scene.hub.db.update(uploads).set({ status }).where(eq(uploads.id, first)).run();
    const second = await storeSmallFile(scene.ctx, same);
    expect(second).not.toBe(first);
    expect(await storeSmallFile(scene.ctx, same)).toBe(second);
  });
});

/** Stores each file by a call of its own; their commits begin together, in this order. */
async function together(calls: readonly (readonly [PersonContext, SmallFile])[]): Promise<unknown[]> {
  const begun = calls.map(() => Promise.withResolvers<void>());
  const goOn = calls.map(() => Promise.withResolvers<void>());
  const results = calls.map(([ctx, each], index) => {
    const syncArrivals = () => {
      begun[index]!.resolve();
      return goOn[index]!.promise;
    };
    return storeSmallFiles({ ...ctx, storage: { ...ctx.storage, syncArrivals } }, [each]);
  });
  await Promise.all(begun.map(({ promise }) => promise));
  for (const { resolve } of goOn) resolve();
  return codes((await Promise.all(results)).flat());
}

describe('files of one commit', () => {
  const named = (name: string, more: Partial<BeginUploadInput> = {}) =>
    file({ filename: `${name}.mov`, ...more });

  test('in two folders stop at the limit of their Workspace', async () => {
    const { hub, project, ctx } = scene;
    const folderId = scene.createEntry(ctx.person, 'Folder');
    hub.db.$client.prepare('update projects set max_workspace_bytes = 12 where id = ?').run(project.id);
    const files = [named('a'), named('b', { folderId }), named('c'), named('d', { folderId })];
    expect(await together(files.map((each) => [ctx, each] as const))).toEqual([
      'stored',
      'stored',
      'no_space',
      'no_space',
    ]);
  });

  test('of two people, and of a request, stop at the limit of their project', async () => {
    const { hub, project, ctx } = scene;
    const other = hub.as(hub.createPerson({ project }));
    const { id: requestId } = scene.createRequest();
    hub.db.$client.prepare('update projects set max_bytes = 17 where id = ?').run(project.id);
    const calls = [
      [ctx, named('a')],
      [other, named('b')],
      [ctx, named('c', { requestId })],
      [other, named('d')],
      [ctx, named('e')],
    ] as const;
    expect(await together(calls)).toEqual(['stored', 'stored', 'stored', 'no_space', 'no_space']);
  });

  test('stop at the end of the disk', async () => {
    const folderId = scene.createEntry(scene.ctx.person, 'Folder');
    const storage = { ...scene.ctx.storage, freeBytes: () => Promise.resolve(12) };
    const files = [named('a'), named('b', { folderId }), named('c'), named('d', { folderId })];
    const results = await storeSmallFiles({ ...scene.ctx, storage }, files);
    expect(codes(results)).toEqual(['stored', 'stored', 'no_space', 'no_space']);
  });

  test('signal the roots of each project', async () => {
    const elsewhere = scene.hub.createProject();
    scene.hub.addMember(elsewhere, scene.ctx.person, 'partner');
    const files = [named('a'), named('b', { projectId: elsewhere.id })];
    const events = await scene.eventsOf(() => storeSmallFiles(scene.ctx, files));
    expect(events.filter((kind) => kind === 'workspace.changed to its owner')).toHaveLength(2);
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

test('a person who left the company of a request cannot deliver for it any more', async () => {
  const { hub, project } = scene;
  const company = hub.createCompany();
  const person = hub.createPerson({ project, companyId: company.id });
  const { id: requestId } = scene.createRequest();
  const assignee = { id: hub.ctx.newId('assignee'), requestId, companyId: company.id };
  hub.db.insert(requestAssignees).values(assignee).run();
  expect(codes(await storeSmallFiles(hub.as(person), [file({ requestId })]))).toEqual(['stored']);
  hub.db.update(users).set({ companyId: null }).where(eq(users.id, person.id)).run();
  const another = file({ requestId, filename: 'another.mov' });
  expect(codes(await storeSmallFiles(hub.as(person), [another]))).toEqual(['not_found']);
  expect(incoming()).toHaveLength(1);
});

test('the bytes are synced before their names, and the names before the commit', async () => {
  const steps: [string, number][] = [];
  const noted = (call: 'storeArrival' | 'syncArrivals') =>
    (async (...args: never[]) => {
      await (scene.ctx.storage[call] as (...given: never[]) => Promise<void>)(...args);
      // A caller that does not await this call has time to continue too early, which the test would notice.
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      steps.push([call, scene.hub.db.select().from(uploads).all().length]);
    }) as never;
  const storage: Storage = {
    ...scene.ctx.storage,
    storeArrival: noted('storeArrival'),
    syncArrivals: noted('syncArrivals'),
  };
  await storeSmallFile({ ...scene.ctx, storage }, file());
  expect(steps).toEqual([
    ['storeArrival', 0],
    ['syncArrivals', 0],
  ]);
  expect(scene.hub.db.select().from(uploads).all()).toHaveLength(1);
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

  test('after the commit, the file is stored, and boot gives it its place', async () => {
    const keepArrival = () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const ctx = { ...scene.ctx, storage: { ...scene.ctx.storage, keepArrival } };
    const id = await storeSmallFile(ctx, file());
    expect(incoming()).toEqual([`${id}.new`]);
    expect(scene.hub.logged).toMatchObject([{ level: 'error', event: 'upload.arrivalNotSettled' }]);
    await settleArrivals(scene.hub.ctx);
    expect(incoming()).toEqual([`${id}.part`]);
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
