/** Runs the documentation's example unchanged, with common tools, against a real hub. */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startHub } from './testing.ts';

const script = fileURLToPath(new URL('../../../docs/examples/delivery.sh', import.meta.url));
const missing = ['bash', 'curl', 'md5sum'].filter((tool) => spawnSync(tool, ['--version']).error);
const title = 'the example delivers a file';

test.skipIf(missing.length > 0)(
  missing.length > 0 ? `${title}: skipped, this machine has no ${missing.join(', ')}` : title,
  { timeout: 60_000 },
  async () => {
    const running = await startHub();
    try {
      const { address, projectId, token, hub } = running;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const call = async (path: string, request: RequestInit = {}) => {
        const response = await fetch(`${address}/api/trpc/${path}`, { headers, ...request });
        return ((await response.json()) as { result: { data: Record<string, unknown> } }).result.data;
      };
      const body = JSON.stringify({ projectId, name: 'Music cues' });
      const requestId = (await call('requests.create', { method: 'POST', body })).id as string;
      const path = join(hub.folder, 'cue 1.wav');
      const bytes = randomBytes(300_000);
      writeFileSync(path, bytes);

      const env = { ...process.env, TURNOVER_URL: address, TOKEN: token };
      const { stdout } = await promisify(execFile)('bash', [script, requestId, projectId, path], { env });
      expect(stdout.trim().split('\n').at(-1)).toBe('processed');

      const input = encodeURIComponent(JSON.stringify({ requestId }));
      const files = (await call(`requestFiles.list?input=${input}`)).files as { id: string; name: string }[];
      expect(files).toMatchObject([{ name: 'cue 1.wav' }]);
      const stored = await fetch(`${address}/files/${files[0]!.id}`, { headers });
      expect(Buffer.from(await stored.arrayBuffer()).equals(bytes)).toBe(true);
    } finally {
      await running.close();
    }
  },
);
