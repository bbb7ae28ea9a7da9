import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessions } from '@turnover/db/schema/accounts';
import { backupRuns } from '@turnover/db/schema/backups';
import { damages, examinations } from '@turnover/db/schema/damages';
import { hub as hubs } from '@turnover/db/schema/hub';
import { mails } from '@turnover/db/schema/notifications';
import { uploads } from '@turnover/db/schema/uploads';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { readFigures } from './figures.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub({ onDisk: true });
});
afterEach(() => hub.close());

const hourMs = 3600_000;

test('a new hub has nothing to do', async () => {
  const figures = await readFigures(hub.ctx);
  expect(figures).toMatchObject({
    uploads: { uploading: 0, verifying: 0, missingBytes: 0 },
    deadJobs: 0,
    mails: { waiting: 0, failed: 0, oldestAgeMs: 0 },
    sessions: 0,
    examinationAgeMs: 0,
  });
  expect(figures.disk.freeBytes).toBeGreaterThan(0);
  expect(figures.disk.sizeBytes).toBeGreaterThan(figures.disk.freeBytes);
  expect(figures.databaseBytes).toBeGreaterThan(4096);
  expect(Object.values(figures.damages).every((number) => number === 0)).toBe(true);
});

test('counts uploads, and the bytes that they still miss', async () => {
  const person = hub.createPerson();
  const project = hub.createProject();
  const add = (status: 'uploading' | 'verifying' | 'complete', durableOffset: number) =>
    hub.db
      .insert(uploads)
      .values({
        id: hub.ctx.newId('upload'),
        projectId: project.id,
        userId: person.id,
        path: 'a.mov',
        pathKey: 'a.mov',
        relativePath: 'a.mov',
        sizeBytes: 100,
        durableOffset,
        status,
        createdAt: 1,
        updatedAt: 1,
      })
      .run();
  add('uploading', 30);
  add('uploading', 0);
  add('verifying', 100);
  add('complete', 100);
  expect((await readFigures(hub.ctx)).uploads).toEqual({ uploading: 2, verifying: 1, missingBytes: 170 });
});

test('counts mails that wait, and those that were given up within a week', async () => {
  const add = (status: 'waiting' | 'failed' | 'sent', ageMs: number) => {
    const at = hub.clock.now - ageMs;
    hub.db
      .insert(mails)
      .values({
        id: hub.ctx.newId('mail'),
        to: 'ana@example.test',
        subject: '',
        text: '',
        html: '',
        status,
        nextAttemptAt: at,
        createdAt: at,
      })
      .run();
  };
  add('waiting', 2 * hourMs);
  add('waiting', hourMs);
  add('failed', hourMs);
  add('failed', 8 * 24 * hourMs);
  add('sent', hourMs);
  expect((await readFigures(hub.ctx)).mails).toEqual({ waiting: 2, failed: 1, oldestAgeMs: 2 * hourMs });
});

test('counts the sessions in force', async () => {
  const { id: userId } = hub.createPerson();
  const now = hub.clock.now;
  const add = (id: string, expiresAt: number, createdAt: number) =>
    hub.db
      .insert(sessions)
      .values({ id, userId, expiresAt: expiresAt / 1000, createdAt })
      .run();
  add('in force', now + hourMs, now);
  add('idle for too long', now - hourMs, now - 2 * hourMs);
  add('too old', now + hourMs, now - sessionLimits.absoluteMs);
  expect((await readFigures(hub.ctx)).sessions).toBe(1);
});

test('the backup has the age of the hub until the first one is made', async () => {
  hub.db
    .insert(hubs)
    .values({ id: hub.ctx.newId('hub'), createdAt: hub.clock.now })
    .run();
  hub.clock.advance(3 * hourMs);
  expect((await readFigures(hub.ctx)).backupAgeMs).toBe(3 * hourMs);
  const run = { createdAt: 1, endedAt: hub.clock.now - hourMs };
  const id = () => hub.ctx.newId('backup');
  hub.db
    .insert(backupRuns)
    .values([
      { ...run, id: id(), status: 'made' },
      { ...run, id: id(), status: 'failed', endedAt: hub.clock.now },
    ])
    .run();
  expect((await readFigures(hub.ctx)).backupAgeMs).toBe(hourMs);
});

test('counts damages by kind, and tells when the doctor looked', async () => {
  const damage = { foundAt: 1, seenAt: 1 };
  hub.db
    .insert(damages)
    .values([
      { ...damage, kind: 'missing', subject: 'ast_1' },
      { ...damage, kind: 'missing', subject: 'ast_2' },
    ])
    .run();
  hub.db
    .insert(examinations)
    .values({ id: 'doctor', endedAt: hub.clock.now - hourMs })
    .run();
  const figures = await readFigures(hub.ctx);
  expect(figures.damages).toMatchObject({ missing: 2, changed: 0 });
  expect(figures.examinationAgeMs).toBe(hourMs);
});
