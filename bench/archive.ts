// npm run bench -- archive [--files=10000] [--rounds=3]: a folder of files of 100 kB as one ZIP, authorised and with its length known,
// beside `zip -0 -r - folder`. Interleaved; what counts is the ratio of the medians.
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../packages/core/src/context.ts';
import { insertFile, insertFolderRow } from '../packages/core/src/entries/tree.ts';
import { idsFrom } from '../packages/core/src/ids.ts';
import { openLocalStorage } from '../packages/core/src/storage.ts';
import { noBackups, roomyLimits } from '../packages/core/src/testing/limits.ts';
import { openMigrated } from '../packages/db/src/migrate.ts';
import { assets } from '../packages/db/src/schema/assets.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { startHub, type BenchHub } from './hub.ts';
import { peerMs, sayGoal, sayLoad, sayMissing, timesOf } from './peers.ts';
import { root } from './process.ts';

const fileBytes = 100_000;
const files = numberOf('--files', 10_000);
const rounds = numberOf('--rounds', 3);
const aim = 1;

export async function benchArchive(): Promise<void> {
  const folder = mkdtempSync(path.join(root, 'bench-archive-'));
  const hub = await startHub(path.join(folder, 'data'));
  try {
    const source = path.join(folder, 'source');
    const entryId = await fill(hub, path.join(folder, 'data'), source);
    const fetch = ['-sf', '-o', '/dev/null', '-H', `Authorization: Bearer ${hub.token}`];
    const ours = () => peerMs('curl', [...fetch, `${hub.address}/files/${entryId}`]);
    const zip = () => peerMs('sh', ['-c', 'cd "$0" && zip -q -0 -r - . >/dev/null', source]);
    if (peerMs('zip', ['-v']) === null) return sayMissing('zip', 'a folder beside it');
    const first = ours();
    if (first === null) return sayMissing('curl', 'a folder as one ZIP');
    const [own, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      own.push(ours()!);
      theirs.push(zip()!);
    }
    const [mine, peer] = [timesOf(own).median, timesOf(theirs).median];
    console.log(`  ${files} files of 100 kB, the first time: ${(first / 1000).toFixed(2)} s`);
    console.log(`  again: ${(mine / 1000).toFixed(2)} s; by zip: ${(peer / 1000).toFixed(2)} s`);
    sayRatio('the first time: times as fast as zip -0', peer / first);
    sayRatio('times as fast as zip -0', peer / mine);
    sayLoad();
  } finally {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creates the same files in a folder of the hub and in a folder of the disk. */
async function fill({ projectId }: BenchHub, dataFolder: string, source: string): Promise<string> {
  const db = openMigrated(dataFolder, { clock: Date.now });
  const storage = await openLocalStorage(dataFolder);
  const ctx: Context = {
    db,
    storage,
    clock: Date.now,
    newId: idsFrom(Date.now),
    limits: roomyLimits,
    backups: noBackups,
    mail: { configured: false },
    log: () => undefined,
  };
  mkdirSync(source);
  const bytes = randomFillSync(Buffer.allocUnsafe(fileBytes));
  const ownerId = db.$client.prepare('select id from users').pluck().get() as string;
  const by = { by: ownerId };
  const top = inTransaction(db, (tx) =>
    insertFolderRow(tx, ctx, { projectId, ownerId, folderId: null }, 'Small files', by),
  );
  const place = { projectId, ownerId, folderId: top };
  for (let file = 0; file < files; file++) {
    const [assetId, name] = [ctx.newId('asset'), `${file} plate.bin`];
    const vault = storage.vaultPath(assetId);
    mkdirSync(path.dirname(vault), { recursive: true });
    writeFileSync(vault, bytes);
    writeFileSync(path.join(source, name), bytes);
    const asset = { id: assetId, sizeBytes: fileBytes, state: 'stored', createdAt: 0 } as const;
    // Adds files one by one, because a long transaction would block the worker.
    inTransaction(db, (tx) => {
      tx.insert(assets).values(asset).run();
      insertFile(tx, ctx, place, { name, assetId, sizeBytes: fileBytes, state: 'stored' }, by);
    });
  }
  db.$client.close();
  return top;
}

function sayRatio(what: string, ratio: number): void {
  sayGoal(what, ratio.toFixed(2), `${aim}`, ratio >= aim);
}

function numberOf(flag: string, otherwise: number): number {
  const given = process.argv.find((argument) => argument.startsWith(`${flag}=`));
  return given === undefined ? otherwise : Number(given.slice(flag.length + 1));
}
