/** Scrapes the built hub: the web process and the worker, each on its own port. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { metadata } from '@turnover/transfer/testing/transfers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '@turnover/core/testing/free-port';
import { startHub, type RunningHub } from './testing.ts';

/** Large enough to be read beside Node's HTTP parser. */
const bytes = Buffer.alloc(2_000_000, 'turnover');

let hub: RunningHub;
let port: number;
beforeAll(async () => {
  port = await freePair();
  hub = await startHub({ env: { TURNOVER_METRICS_ADDRESS: String(port) } });
}, 60_000);
afterAll(async () => hub?.close());

/** The first of two neighbouring free ports: the worker takes the second. */
async function freePair(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const second = createServer().listen(first + 1, '127.0.0.1');
    const isFree = await once(second, 'listening').then(
      () => true,
      () => false,
    );
    second.close();
    if (isFree) return first;
  }
}

async function scrape(process: 'web' | 'worker'): Promise<string[]> {
  const address = `http://127.0.0.1:${port + (process === 'web' ? 0 : 1)}/metrics`;
  return (await (await fetch(address)).text()).split('\n');
}

test('an upload is in the metrics of both processes', async () => {
  const { status } = await fetch(`${hub.address}/uploads`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hub.token}`,
      'tus-resumable': '1.0.0',
      'content-type': 'application/offset+octet-stream',
      'upload-length': String(bytes.length),
      'upload-metadata': metadata({
        filename: 'film.mov',
        projectId: hub.projectId,
        checksum: `md5:${'0'.repeat(32)}`,
      }),
    },
    body: bytes,
  });
  expect(status).toBe(201);
  await vi.waitFor(
    async () =>
      expect(await scrape('worker')).toContain(
        'turnover_verified_files_total{result="mismatch",process="worker"} 1',
      ),
    { timeout: 10_000 },
  );
  const web = await scrape('web');
  expect(web).toContain(`turnover_received_bytes_total{process="web"} ${bytes.length}`);
  expect(web).toContain(
    'turnover_http_request_duration_seconds_count{process="web",route="upload",status="2xx"} 1',
  );
  expect(web).toContain('turnover_http_requests_running{route="upload",process="web"} 0');
  expect(web).toContain('turnover_part_well{part="worker",process="web"} 1');
});

test('the address of the hub itself has no metrics', async () => {
  expect((await fetch(`${hub.address}/metrics`)).status).toBe(404);
});
