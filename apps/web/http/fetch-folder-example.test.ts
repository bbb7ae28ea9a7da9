/** Runs the documentation's example unchanged against a real hub: it fetches, continues, and finds what is wrong. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startHub } from './testing.ts';

const script = fileURLToPath(new URL('../../../docs/examples/fetch-folder.sh', import.meta.url));
const missing = ['bash', 'curl', 'sed', 'xxhsum'].filter((tool) => spawnSync(tool, ['--version']).error);
const title = 'the example fetches a folder and checks it';
const files = { 'Reel 1/mix.wav': 300_000, 'Reel 1/Größe & 東京.txt': 7, 'Reel 1/sub/nothing.txt': 0 };

test.skipIf(missing.length > 0)(
  missing.length > 0 ? `${title}: skipped, this machine has no ${missing.join(', ')}` : title,
  { timeout: 60_000 },
  async () => {
    const running = await startHub();
    try {
      const { address, projectId, token, hub } = running;
      const headers = { authorization: `Bearer ${token}` };
      const call = async (path: string, body?: object) => {
        const json = { 'content-type': 'application/json' };
        const sent = body && { method: 'POST', headers: { ...headers, ...json }, body: JSON.stringify(body) };
        const response = await fetch(`${address}/api/trpc/${path}`, sent ?? { headers });
        return ((await response.json()) as { result: { data: Record<string, unknown> } }).result.data;
      };
      const bytesOf = new Map(Object.entries(files).map(([path, size]) => [path, randomBytes(size)]));
      for (const [relativePath, bytes] of bytesOf) {
        const filename = relativePath.slice(relativePath.lastIndexOf('/') + 1);
        const sizeBytes = bytes.length;
        const { uploadUrl } = await call('uploads.begin', { projectId, filename, relativePath, sizeBytes });
        const tus = { 'tus-resumable': '1.0.0', 'upload-offset': '0' };
        const type = { 'content-type': 'application/offset+octet-stream' };
        const patch = {
          method: 'PATCH',
          headers: { ...headers, ...tus, ...type },
          body: new Uint8Array(bytes),
        };
        if (sizeBytes > 0) await fetch(`${address}${String(uploadUrl)}`, patch);
      }
      const listed = await call(`workspace.list?input=${encodeURIComponent(JSON.stringify({ projectId }))}`);
      const [{ id }] = listed.entries as [{ id: string }];
      await expect
        .poll(async () => (await fetch(`${address}/files/${id}`, { method: 'HEAD', headers })).status, {
          timeout: 20_000,
        })
        .toBe(200);

      const cwd = join(hub.folder, 'fetched');
      mkdirSync(cwd);
      const env = { ...process.env, TURNOVER_URL: address, TOKEN: token };
      const fetchAll = () => promisify(execFile)('bash', [script, id], { env, cwd });
      expect((await fetchAll()).stdout).toContain('all files are here and right');
      for (const [path, bytes] of bytesOf)
        expect(readFileSync(join(cwd, path)).equals(bytes), path).toBe(true);

      const mix = join(cwd, 'Reel 1/mix.wav');
      renameSync(mix, `${mix}.part`);
      truncateSync(`${mix}.part`, 100_000);
      await fetchAll();
      expect(readFileSync(mix).equals(bytesOf.get('Reel 1/mix.wav')!)).toBe(true);

      writeFileSync(mix, randomBytes(300_000));
      await expect(fetchAll()).rejects.toMatchObject({ stdout: expect.stringContaining('mix.wav: FAILED') });
      rmSync(mix);
      await fetchAll();
    } finally {
      await running.close();
    }
  },
);
