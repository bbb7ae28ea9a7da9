import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { beginUpload, discardUpload } from '@turnover/core/uploads/uploads';
import { openDatabase, type Database } from '@turnover/db/open';
import { ProgressRecorder } from './progress-recorder.ts';
import { authorizeUpload } from './upload-store.ts';

let hub: TestHub;
let other: Database['$client'];
let person: Person;
let projectId: string;
let recorder: ProgressRecorder;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  hub = await testHub({ onDisk: true });
  other = openDatabase(join(hub.folder, 'turnover.db')).$client;
  const project = hub.createProject();
  projectId = project.id;
  person = hub.createPerson({ project });
  recorder = new ProgressRecorder(hub.ctx);
});

afterEach(() => {
  vi.useRealTimers();
  other.close();
  hub.close();
});

const begin = async (filename: string): Promise<string> =>
  (await beginUpload(hub.as(person), { projectId, filename, sizeBytes: 100, replace: false })).uploadId;
const offsets = () => other.prepare('select durable_offset from uploads order by path').pluck().all();
const never = (): never => expect.unreachable('the upload may go on');

test('records the latest offset of all uploads in one commit', async () => {
  const ids = [await begin('a.mov'), await begin('b.mov'), await begin('c.mov')];
  const commits = vi.spyOn(hub.db, 'transaction');
  for (const offset of [10, 20]) for (const id of ids) recorder.note(id, offset, never);
  vi.runOnlyPendingTimers();
  expect(offsets()).toEqual([20, 20, 20]);
  expect(commits).toHaveBeenCalledTimes(1);
});

test('waits between two commits', async () => {
  const id = await begin('a.mov');
  const commits = vi.spyOn(hub.db, 'transaction');
  for (let offset = 1; offset <= 100; offset++) {
    recorder.note(id, offset, never);
    vi.advanceTimersByTime(10);
  }
  expect(commits).toHaveBeenCalledTimes(5);
  vi.runOnlyPendingTimers();
  expect(offsets()).toEqual([100]);
});

test('ends an upload that was discarded, and records the others', async () => {
  const [ended, running] = [await begin('a.mov'), await begin('b.mov')];
  await discardUpload(hub.as(person), authorizeUpload(hub.as(person), ended));
  const fail = vi.fn();
  recorder.note(ended, 10, fail);
  recorder.note(running, 10, never);
  vi.runOnlyPendingTimers();
  expect(fail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'upload_gone' }));
  expect(offsets()).toEqual([0, 10]);
});

test('tries again while another process writes', async () => {
  const id = await begin('a.mov');
  other.exec('BEGIN IMMEDIATE');
  recorder.note(id, 10, never);
  vi.runOnlyPendingTimers();
  other.exec('ROLLBACK');
  expect(offsets()).toEqual([0]);
  vi.runOnlyPendingTimers();
  expect(offsets()).toEqual([10]);
});

test('ends every upload when the database takes no writes', async () => {
  const ids = [await begin('a.mov'), await begin('b.mov')];
  vi.spyOn(hub.db, 'transaction').mockImplementation(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  });
  const fail = vi.fn();
  for (const id of ids) recorder.note(id, 10, fail);
  vi.runOnlyPendingTimers();
  expect(fail).toHaveBeenCalledTimes(2);
});

test('records nothing of an upload that was forgotten', async () => {
  const id = await begin('a.mov');
  recorder.note(id, 10, never);
  recorder.forget(id);
  vi.runAllTimers();
  expect(offsets()).toEqual([0]);
});
