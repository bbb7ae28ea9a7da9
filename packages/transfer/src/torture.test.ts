// Kills the server at random moments and at crash points: acknowledged bytes are still there, and each upload ends once.
import { createHash, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { ask } from './testing/transfers.ts';
import { KillableServer, randomFrom, Sender, torture } from './testing/torture.ts';

const MiB = 1024 * 1024;

let hub: TestHub;
let person: Person;
let projectId: string;
let server: KillableServer;
let count = 0;

beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  const project = hub.createProject();
  projectId = project.id;
  person = hub.createPerson({ project });
  server = new KillableServer(hub.folder);
});

afterEach(async () => {
  await server.kill();
  hub.close();
});

async function begin(sizeBytes: number): Promise<string> {
  const input = { projectId, filename: `take ${++count}.mov`, sizeBytes, replace: false };
  return (await beginUpload(hub.as(person), input)).uploadUrl;
}

async function expectWhole(senders: Sender[]): Promise<void> {
  for (const { ledger, bytes, sha256 } of senders) {
    const uploadId = ledger.path.slice('/uploads/'.length);
    const stored = await readFile(hub.storage.incomingPath(uploadId));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
    expect(ledger.acknowledged).toBe(bytes.length);
  }
  const rows = hub.db.$client
    .prepare('select status, count(*) as uploads from uploads group by status')
    .all();
  expect(rows).toEqual([{ status: 'verifying', uploads: senders.length }]);
  for (const table of ['assets', 'entries']) {
    expect(hub.db.$client.prepare(`select count(*) from ${table}`).pluck().get()).toBe(senders.length);
  }
}

test('four uploads survive four kills at random moments', { timeout: 120_000 }, async () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}`);
  const options = {
    uploads: 4,
    sizeBytes: 24 * MiB,
    chunkBytes: 3 * MiB,
    kills: 4,
    random: randomFrom(seed),
  };
  const senders = await torture(server, () => begin(options.sizeBytes), person.id, options);
  expect(server.starts).toBe(5);
  await expectWhole(senders);
});

const points: Crashpoint[] = [
  'upload.afterSync',
  'upload.afterOffset',
  'finish.beforeCommit',
  'finish.afterCommit',
];

test.each(points)('an upload survives a kill at %s', { timeout: 60_000 }, async (point) => {
  await server.start(point);
  const sizeBytes = 5 * MiB;
  const sender = new Sender(server, person.id, await begin(sizeBytes), sizeBytes, 2 * MiB);
  const sent = sender.sendAll();
  await server.died();
  await server.start();
  await sent;
  await expectWhole([sender]);
});

test.each<Crashpoint>(['small.afterSync', 'small.afterCommit'])(
  'small files survive a kill at %s, and none of them is there twice',
  { timeout: 60_000 },
  async (point) => {
    const names = Array.from({ length: 40 }, (_, index) => `frame ${index}.bin`);
    const body = names.map((filename, index) => {
      const bytes = filename.repeat(100 + index);
      const key = `key-${String(index).padStart(16, '0')}`;
      return `${JSON.stringify({ projectId, filename, key, sizeBytes: bytes.length })}\n${bytes}`;
    });
    const headers = { Authorization: `Bearer ${person.id}`, 'Content-Type': 'application/x-turnover-bundle' };
    const send = () => ask(server.port, 'POST', '/uploads/bundle', { headers, body: body.join('') });
    await server.start(point);
    await expect(send()).rejects.toThrow();
    await server.died();
    await server.start();
    const { files } = JSON.parse((await send()).body) as { files: { received: boolean; uploadId: string }[] };
    expect(files.map(({ received }) => received)).toEqual(names.map(() => true));
    for (const [index, { uploadId }] of files.entries()) {
      expect(await readFile(hub.storage.incomingPath(uploadId), 'utf8')).toBe(
        names[index]!.repeat(100 + index),
      );
    }
    for (const table of ['uploads', 'assets', 'entries']) {
      expect(hub.db.$client.prepare(`select count(*) from ${table}`).pluck().get()).toBe(names.length);
    }
    expect(await hub.storage.listArrivals()).toEqual([]);
  },
);
