/** The restore drill: a hub that delivered, its backup and its vault on another machine, and nothing lost there. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, inject } from 'vitest';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { vaultFile } from '@turnover/core/storage';
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
    timeout: 120_000,
  });
  expect({ words, status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

tortureRow('restore-drill', {
  promise:
    'a backup and the vault, restored elsewhere, have every file with its checksum, and accept no old access',
  shortTrials: 1,
  longTrials: 5,
  async run(row) {
    const running = await startHub();
    closing.push(() => running.close());
    const times: number[] = [];
    for (let trial = 0; trial < row.trials; trial++) {
      const deliveries = inject('isLong') ? 5 : 1;
      for (let count = 0; count < deliveries; count++) {
        await deliverAndAccept(running, `Drill ${trial}, delivery ${count}`);
      }
      times.push(await drill(row, running));
    }
    row.note(`the slowest of ${times.length} restores took ${Math.max(...times)} ms`);
  },
});

/** Returns how long the restore took, from the empty folder to the examined one. */
async function drill(row: Row, { hub, token, projectId }: RunningHub): Promise<number> {
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
  closing.push(restored.close);
  const answer = await fetch(
    `${restored.address}/api/trpc/requests.list?input=${JSON.stringify({ projectId })}`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  if (answer.status !== 401) row.lose(`an old token is answered ${answer.status}`);
  const printed = command(elsewhere, 'doctor', '--read');
  if (!printed.includes('Nothing is damaged.')) row.lose(printed);
  return Math.round(performance.now() - startedAt);
}
