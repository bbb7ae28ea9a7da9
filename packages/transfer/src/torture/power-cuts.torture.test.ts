// Cuts the power: what the hub acknowledged is on the disk. The file store of @tus/server, which syncs nothing, is the control.
import { setTimeout as wait } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openDatabase } from '@turnover/db/open';
import type { BundleAnswer } from '@turnover/domain/workspace/bundles';
import { uploadUrlOf } from '@turnover/domain/workspace/uploads';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { mountCutDisk, type CutDisk } from '../testing/cut-disk.ts';
import { partOf, withScene, type TortureScene } from '../testing/torture-scene.ts';
import { KillableServer, Sender } from '../testing/torture.ts';
import { ask, metadata, tus } from '../testing/transfers.ts';

const MiB = 1024 * 1024;
const sizeBytes = 12 * MiB;
const stockScript = new URL('../testing/stock-process.ts', import.meta.url).pathname;

tortureRow('power-cuts', {
  promise: 'acknowledged bytes survive a power cut',
  shortTrials: 0,
  longTrials: 40,
  skip: process.getuid?.() !== 0 && 'needs root, to mount a disk',
  run: async (row) => {
    const disk = mountCutDisk();
    if (disk === null) return row.note('this machine mounts no disk: nothing was tried');
    try {
      for (let trial = 0; trial < row.trials; trial++) await cutDuringUploads(row, disk, trial);
      const lost = await lostByStock(row, disk);
      row.note(`the stock store lost ${lost} of ${controlTrials}`);
      if (lost === 0) row.lose('The control lost nothing, so the cuts cut nothing.');
    } finally {
      disk.remove();
    }
  },
});

/** Some cuts come while bytes arrive, some right after an acknowledgement, some after the last byte. */
async function cutDuringUploads(row: Row, disk: CutDisk, trial: number): Promise<void> {
  await withScene(
    async (scene) => {
      disk.sync();
      await scene.server.start();
      const senders = await Promise.all(
        [1, 2, 3].map(
          async () =>
            new Sender(scene.server, scene.person.id, await scene.begin(sizeBytes), sizeBytes, 2 * MiB),
        ),
      );
      const sent = Promise.all(senders.map((sender) => sender.sendAll().catch(() => undefined)));
      const bundle = sendBundle(scene);
      const moments = [
        () => wait(row.between(5, 150)),
        () => acknowledged(senders),
        () => Promise.all([sent, bundle.done]),
        () => bundle.done,
      ];
      await moments[trial % moments.length]!();
      // What was acknowledged until now must be in the copy; what comes later may be.
      const ledger: Entry[] = senders.map(({ ledger: { path, acknowledged }, bytes }) => ({
        path,
        bytes,
        acknowledged,
      }));
      ledger.push(...bundle.received);
      scene.server.pause();
      await disk.cut((place) =>
        examine(row, scene, join(place, relative(disk.path, scene.hub.folder)), ledger),
      );
      for (const sender of senders) sender.stop();
      await scene.server.kill();
      await Promise.all([sent, bundle.done]);
    },
    { within: disk.path },
  );
}

async function acknowledged(senders: readonly Sender[]): Promise<void> {
  while (!senders.some(({ ledger }) => ledger.acknowledged > 0)) await wait(1);
}

type Entry = { path: string; bytes: Buffer; acknowledged: number };

/** Sends sixty small files in one request. `received` has those that the hub called received. */
function sendBundle({ server, person, projectId }: TortureScene): { received: Entry[]; done: Promise<void> } {
  const files = Array.from({ length: 60 }, (_, index) => Buffer.alloc(20_000 + index, `${index} `));
  const body = files.flatMap((bytes, index) => {
    const about = { projectId, filename: `frame ${index}.bin`, sizeBytes: bytes.length };
    return [Buffer.from(`${JSON.stringify(about)}\n`), bytes];
  });
  const headers = { Authorization: `Bearer ${person.id}`, 'Content-Type': 'application/x-turnover-bundle' };
  const received: Entry[] = [];
  const done = ask(server.port, 'POST', '/uploads/bundle', { headers, body: Buffer.concat(body) }).then(
    (answer) => {
      const { files: results } = JSON.parse(answer.body) as BundleAnswer;
      for (const [index, result] of results.entries()) {
        if (!result.received) throw new Error(`frame ${index}.bin was refused: ${result.message}`);
        const bytes = files[index]!;
        received.push({ path: uploadUrlOf(result.uploadId), bytes, acknowledged: bytes.length });
      }
    },
    // The power was cut before the answer.
    () => undefined,
  );
  return { received, done };
}

/** Starts the hub on what the disk held at the cut. */
async function examine(
  row: Row,
  scene: TortureScene,
  folder: string,
  ledger: readonly Entry[],
): Promise<void> {
  const server = new KillableServer(folder);
  try {
    await server.start();
    for (const { path, bytes, acknowledged } of ledger) {
      const headers = { ...tus, Authorization: `Bearer ${scene.person.id}` };
      const head = await ask(server.port, 'HEAD', path, { headers });
      const offset = Number(head.headers['upload-offset']);
      if (head.status !== 200 || offset < acknowledged) {
        row.lose(`${path}: ${head.status} at ${offset} after ${acknowledged} was acknowledged`);
        continue;
      }
      const part = readFileSync(join(folder, relative(scene.hub.folder, partOf(scene, path))));
      if (!part.subarray(0, offset).equals(bytes.subarray(0, offset))) row.lose(`${path} has other bytes`);
    }
  } finally {
    await server.kill();
  }
  const { $client } = openDatabase(join(folder, 'turnover.db'));
  if ($client.pragma('integrity_check', { simple: true }) !== 'ok') row.lose('the database is damaged');
  $client.close();
}

const controlTrials = 4;

/** How many finished uploads the stock store lost. */
async function lostByStock(row: Row, disk: CutDisk): Promise<number> {
  let lost = 0;
  for (let trial = 0; trial < controlTrials; trial++) {
    const folder = join(disk.path, `stock-${trial}`);
    mkdirSync(folder);
    disk.sync();
    const server = new KillableServer(folder, stockScript);
    try {
      await server.start();
      const bytes = Buffer.alloc(2 * MiB, row.random().toString());
      const created = await ask(server.port, 'POST', '/uploads', {
        headers: { ...tus, 'Upload-Length': bytes.length, 'Upload-Metadata': metadata({ filename: 'a' }) },
      });
      const patched = await ask(server.port, 'PATCH', created.headers.location!, {
        headers: { ...tus, 'Upload-Offset': 0, 'Content-Type': 'application/offset+octet-stream' },
        body: bytes,
      });
      if (patched.status !== 204) throw new Error(`The control answered ${patched.status}.`);
      const isThere = await disk.cut(async (place) => {
        const stored = join(place, relative(disk.path, folder));
        const names = await readdir(stored).catch(() => []);
        return names.some((name) => sha256(readFileSync(join(stored, name))) === sha256(bytes));
      });
      if (!isThere) lost++;
    } finally {
      await server.kill();
    }
  }
  return lost;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
