/** For tests: a hub on disk whose server process can be killed, and a person who uploads to it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Row } from '@turnover/core/testing/torture-row';
import { testHub } from '@turnover/core/testing/hub';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { KillableServer, type Sender } from './torture.ts';

export type TortureScene = Awaited<ReturnType<typeof tortureScene>>;

/** Runs `use` and ends everything afterwards. */
export async function withScene<Result>(
  use: (scene: TortureScene) => Promise<Result>,
  options: { within?: string } = {},
): Promise<Result> {
  const scene = await tortureScene(options);
  try {
    return await use(scene);
  } finally {
    await scene.close();
  }
}

async function tortureScene({ within }: { within?: string }) {
  const hub = await testHub({ onDisk: true, within });
  const project = hub.createProject();
  const person = hub.createPerson({ project });
  const server = new KillableServer(hub.folder);
  let count = 0;
  return {
    hub,
    projectId: project.id,
    person,
    server,
    async begin(sizeBytes: number): Promise<string> {
      const filename = `take ${++count}.mov`;
      const input = { projectId: project.id, filename, sizeBytes, replace: false };
      return (await beginUpload(hub.as(person), input)).uploadUrl;
    },
    async close(): Promise<void> {
      await server.kill();
      hub.close();
    },
  };
}

export function partOf({ hub }: TortureScene, path: string): string {
  return hub.storage.incomingPath(path.slice('/uploads/'.length));
}

/** Each sender's file is there once, with the bytes that were sent. */
export async function checkWhole(row: Row, scene: TortureScene, senders: readonly Sender[]): Promise<void> {
  for (const { ledger, bytes, sha256 } of senders) {
    const stored = await readFile(partOf(scene, ledger.path));
    if (createHash('sha256').update(stored).digest('hex') !== sha256) row.lose(`${ledger.path} differs`);
    if (ledger.acknowledged !== bytes.length) row.lose(`${ledger.path} ended at ${ledger.acknowledged}`);
  }
  const { $client } = scene.hub.db;
  const statuses = $client.prepare('select status, count(*) as n from uploads group by status').all();
  const expected = [{ status: 'verifying', n: senders.length }];
  if (JSON.stringify(statuses) !== JSON.stringify(expected)) row.lose(`uploads: ${JSON.stringify(statuses)}`);
  for (const table of ['assets', 'entries']) {
    const rows = $client.prepare(`select count(*) from ${table}`).pluck().get();
    if (rows !== senders.length) row.lose(`${String(rows)} ${table} of ${senders.length} uploads`);
  }
}
