/** The restore drill: a hub that delivered, its backup and its vault on another machine, and nothing lost there. */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, inject } from 'vitest';
import { beginSession, sessionCookieName } from '@turnover/core/people/sign-in';
import type { TestHub } from '@turnover/core/testing/hub';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { vaultFile } from '@turnover/core/storage';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { hashWhole } from '@turnover/processing/hash-whole';
import { deliverAndAccept } from '../http/testing-story.ts';
import { startHub, startWeb, type RunningHub } from '../http/testing.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function command(dataFolder: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['apps/cli/src/main.ts', ...words], {
    cwd: root,
    env: { ...process.env, TURNOVER_DATA: dataFolder },
    encoding: 'utf8',
    timeout: 600_000,
  });
  expect({ words, status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

/** How much the vault of the long run holds besides the deliveries. */
const gigabytes = inject('isLong') ? Number(process.env.TURNOVER_TEST_DRILL_GB ?? 5) : 0;
const fileBytes = 250_000_000;

/** Stores files as uploads leave them. */
async function fillVault({ db, folder, ctx }: TestHub): Promise<void> {
  const bytes = Buffer.allocUnsafe(fileBytes);
  for (let stored = 0; stored < gigabytes * 1e9; stored += fileBytes) {
    const assetId = ctx.newId('asset');
    const path = vaultFile(folder, assetId);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, randomFillSync(bytes), { mode: 0o600 });
    const { xxh128 } = await hashWhole({ path, sizeBytes: fileBytes, algorithms: ['xxh128'] });
    const at = ctx.clock();
    db.insert(assets).values({ id: assetId, sizeBytes: fileBytes, state: 'stored', createdAt: at }).run();
    db.insert(assetChecksums)
      .values({ assetId, algorithm: 'xxh128', source: 'computed', value: xxh128!, at })
      .run();
  }
}

tortureRow('restore-drill', {
  promise:
    'a backup and the vault, restored elsewhere, have every file with its checksum, and accept no old access',
  shortTrials: 1,
  longTrials: 5,
  async run(row) {
    const running = await startHub();
    closing.push(() => running.close());
    await fillVault(running.hub);
    const times: number[] = [];
    for (let trial = 0; trial < row.trials; trial++) {
      const deliveries = inject('isLong') ? 5 : 1;
      for (let count = 0; count < deliveries; count++) {
        await deliverAndAccept(running, `Drill ${trial}, delivery ${count}`);
      }
      times.push(await drill(row, running));
    }
    const size = gigabytes > 0 ? ` of ${gigabytes} GB` : '';
    row.note(`the slowest of ${times.length} restores${size} took ${Math.max(...times)} ms`);
  },
});

/** Returns how long the restore took, from the empty folder to the examined one. */
async function drill(row: Row, { hub, address, token, projectId }: RunningHub): Promise<number> {
  const from = { address: '127.0.0.1', userAgent: 'drill' };
  const session = await beginSession(
    hub.ctx,
    hub.createPerson({ project: { id: projectId }, role: 'coordinator' }),
    from,
  );
  const backup = command(hub.folder, 'backup').trim();
  const elsewhere = mkdtempSync(join(tmpdir(), 'turnover-drill-'));
  closing.push(() => rmSync(elsewhere, { recursive: true, force: true }));
  const copies = join(elsewhere, 'backups');
  mkdirSync(copies);
  for (const name of readdirSync(join(hub.folder, 'backups')))
    cpSync(join(hub.folder, 'backups', name), join(copies, name));
  const startedAt = performance.now();
  cpSync(join(hub.folder, 'vault'), join(elsewhere, 'vault'), { recursive: true });
  command(elsewhere, 'restore', join(copies, backup.slice(backup.lastIndexOf('/') + 1)), '--yes');
  for (const line of readFileSync(backup.replace(/db$/, 'vault'), 'utf8').split('\n').filter(Boolean)) {
    const [id = '', sizeBytes, xxh128] = line.split('\t');
    const path = vaultFile(elsewhere, id);
    const found = await hashWhole({ path, sizeBytes: Number(sizeBytes), algorithms: ['xxh128'] });
    if (found.xxh128 !== xxh128) row.lose(`${id} is not as the manifest says`);
  }
  const restored = await startWeb(elsewhere);
  const accesses = {
    token: { authorization: `Bearer ${token}` },
    session: { cookie: `${sessionCookieName(false)}=${session.token}` },
  };
  for (const [what, headers] of Object.entries(accesses)) {
    const ask = (address: string) => statusOf(address, projectId, headers);
    if ((await ask(address)) !== 200) row.lose(`the ${what} never worked`);
    const status = await ask(restored.address);
    if (status !== 401) row.lose(`an old ${what} is answered ${status}`);
  }
  const printed = command(elsewhere, 'doctor', '--read');
  if (!printed.includes('Nothing is damaged.')) row.lose(printed);
  const tookMs = Math.round(performance.now() - startedAt);
  await restored.close();
  // A copy of the vault for each drill would fill the disk.
  rmSync(elsewhere, { recursive: true, force: true });
  return tookMs;
}

async function statusOf(
  address: string,
  projectId: string,
  headers: Record<string, string>,
): Promise<number> {
  const input = encodeURIComponent(JSON.stringify({ projectId }));
  return (await fetch(`${address}/api/trpc/requests.list?input=${input}`, { headers })).status;
}
