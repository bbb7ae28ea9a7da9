// Downloads of one large file: from the hub, through an nginx to which the hub hands it off, and the same file from nginx alone.
// Then the memory of the web process while twenty uploads and twenty downloads of 10 GiB run.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  ftruncateSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { idsFrom } from '../packages/core/src/ids.ts';
import { insertFile } from '../packages/core/src/entries/tree.ts';
import { vaultFile } from '../packages/core/src/storage.ts';
import { openMigrated } from '../packages/db/src/migrate.ts';
import { assets } from '../packages/db/src/schema/assets.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import type { BenchHub } from './hub.ts';
import { peerMs, sayGoal, sayMissing, timesOf } from './peers.ts';
import { peakBytes } from './process.ts';
import { createUpload, startVaultProxy } from './transfer-peers.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const mostBytes = 10 * GIB;
const atOnce = 20;
const heldSeconds = 20;
const maxResidentBytes = 300 * MIB;
const aims = { 'the hub alone': 0.85, 'by hand-off': 0.95 };

/** `hub` must be started with `vaultLocation` as its TURNOVER_NGINX_VAULT. */
export async function measureDownloads(
  hub: BenchHub,
  folder: string,
  mib: number,
  rounds: number,
): Promise<void> {
  const dataFolder = path.join(folder, 'data');
  const own = path.join(folder, 'downloads');
  mkdirSync(own);
  const { entryId, assetId } = addFile(hub, dataFolder, 'download.bin', mib * MIB);
  const proxy = await startVaultProxy(own, path.join(dataFolder, 'vault'), hub.address);
  if (!proxy) return sayMissing('nginx', 'a download beside it');
  const fetch = ['-sf', '-o', '/dev/null', '-H', `Authorization: Bearer ${hub.token}`];
  const addresses = {
    'nginx sendfile': `${proxy.address}/static/${assetId.slice(-2)}/${assetId}`,
    'the hub alone': `${hub.address}/files/${entryId}`,
    'by hand-off': `${proxy.address}/files/${entryId}`,
  };
  const ms = new Map(Object.keys(addresses).map((what) => [what, [] as number[]]));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [what, address] of Object.entries(addresses)) {
        const took = peerMs('curl', [...fetch, address]);
        if (took === null) return sayMissing('curl', 'a download');
        // The first round warms the page cache for all of them.
        if (round > 0) ms.get(what)!.push(took);
      }
    }
  } finally {
    await proxy.stop();
  }
  const median = (what: string) => timesOf(ms.get(what)!).median;
  for (const what of ms.keys()) {
    console.log(
      `  download, ${what.padEnd(20)} ${((mib * 1000) / median(what)).toFixed(0).padStart(6)} MiB/s`,
    );
  }
  for (const [what, aim] of Object.entries(aims)) {
    const ratio = median('nginx sendfile') / median(what);
    sayGoal(`download, ${what}: times as fast as nginx`, ratio.toFixed(2), `${aim}`, ratio >= aim);
  }
}

/** Sparse files, for as long as it takes to fill every buffer: their bytes are not what is measured. */
export async function measureMemory(hub: BenchHub, folder: string): Promise<void> {
  const source = path.join(folder, 'sparse');
  // The hub reserves the space of each upload.
  const { bavail, bsize } = statfsSync(folder);
  const largeBytes = Math.min(mostBytes, Math.floor((bavail * bsize) / (2 * atOnce)));
  closeSync(openSync(source, 'w'));
  truncateSync(source, largeBytes);
  const dataFolder = path.join(folder, 'data');
  const { entryId } = addFile(hub, dataFolder, 'sparse.bin', largeBytes);
  const authorization = `Authorization: Bearer ${hub.token}`;
  const common = ['-s', '-o', '/dev/null', '--max-time', String(heldSeconds), '-H', authorization];
  const urls = await Promise.all(
    Array.from({ length: atOnce }, (_, index) => {
      const fields = { filename: `sparse ${index}.bin`, projectId: hub.projectId };
      return createUpload(hub.address, source, fields, { Authorization: `Bearer ${hub.token}` });
    }),
  );
  forgetPeak(hub.web.pid!);
  const patch = [
    '-X',
    'PATCH',
    '-T',
    source,
    '-H',
    'Expect:',
    '-H',
    'Tus-Resumable: 1.0.0',
    '-H',
    'Upload-Offset: 0',
  ];
  const type = ['-H', 'Content-Type: application/offset+octet-stream'];
  const transfers = [
    ...urls.map((url) => [...common, ...patch, ...type, url]),
    // A receiver that takes little keeps the buffers of its download full.
    ...urls.map(() => [...common, '--limit-rate', '20M', `${hub.address}/files/${entryId}`]),
  ];
  await Promise.all(transfers.map((args) => once(spawn('curl', args, { stdio: 'ignore' }), 'exit')));
  const peak = peakBytes(hub.web);
  for (const url of urls)
    spawnSync('curl', ['-s', '-X', 'DELETE', '-H', authorization, '-H', 'Tus-Resumable: 1.0.0', url]);
  rmSync(source);
  if (peak === undefined)
    return console.log('  memory of 20 + 20 transfers: skipped, this system does not report it');
  const found = `${(peak / MIB).toFixed(0)} MiB`;
  const aim = `at most ${maxResidentBytes / MIB} MiB`;
  const size = `${(largeBytes / GIB).toFixed(1)} GiB`;
  sayGoal(`memory, 20 uploads and 20 downloads of ${size}`, found, aim, peak <= maxResidentBytes);
}

/** The peak is counted from now on. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The peak of the whole run is no less.
  }
}

/** A stored, sparse file in the Workspace of the sender. */
function addFile({ projectId }: BenchHub, dataFolder: string, name: string, sizeBytes: number) {
  const db = openMigrated(dataFolder, { clock: Date.now });
  const ctx = { db, clock: Date.now, newId: idsFrom(Date.now) };
  const assetId = ctx.newId('asset');
  const file = vaultFile(dataFolder, assetId);
  mkdirSync(path.dirname(file), { recursive: true });
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, sizeBytes);
  closeSync(descriptor);
  const ownerId = db.$client.prepare('select id from users').pluck().get() as string;
  const place = { projectId, ownerId, folderId: null };
  const entryId = inTransaction(db, (tx) => {
    tx.insert(assets).values({ id: assetId, sizeBytes, state: 'stored', createdAt: 0 }).run();
    return insertFile(
      tx,
      ctx as never,
      place,
      { name, assetId, sizeBytes, state: 'stored' },
      { by: ownerId },
    );
  });
  db.$client.close();
  return { entryId, assetId };
}
