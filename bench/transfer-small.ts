// Ten thousand small files to Turnover, each in one request that creates the upload and carries its bytes, each durable, hashed
// and authorised; beside an rsync daemon followed by `sync`.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { cpuSeconds } from './cpu.ts';
import type { BenchHub } from './hub.ts';
import { sayGoal, sayMissing } from './peers.ts';
import { startRsync } from './transfer-peers.ts';

const fileBytes = 100_000;
const atOnce = 16;
const aim = 0.5;

export async function sendSmallFiles(hub: BenchHub, folder: string, count: number): Promise<void> {
  const bytes = randomFillSync(Buffer.allocUnsafe(fileBytes));
  spawnSync('sync');
  const cpuBefore = cpuSeconds(hub.web.pid!);
  const startedAt = performance.now();
  await sendToHub(hub, bytes, count);
  const oursMs = performance.now() - startedAt;
  const cpuAfter = cpuSeconds(hub.web.pid!);
  await hub.whenQuiet();
  const spent =
    cpuBefore === undefined || cpuAfter === undefined
      ? ''
      : `, ${(((cpuAfter - cpuBefore) * 1000) / count).toFixed(2)} ms of the web process each`;
  console.log(`  ${count} files of 100 kB: ${((count * 1000) / oursMs).toFixed(0)} files/s${spent}`);
  const peerMs = await sendByRsync(folder, bytes, count);
  if (peerMs === null) return sayMissing('rsync', 'small files beside it');
  const ratio = peerMs / oursMs;
  console.log(`  the same by an rsync daemon and sync: ${((count * 1000) / peerMs).toFixed(0)} files/s`);
  sayGoal('times as fast as rsync and sync', ratio.toFixed(2), `${aim}`, ratio >= aim);
}

async function sendToHub(hub: BenchHub, bytes: Buffer, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let next = 0;
  const sendOn = async (): Promise<void> => {
    while (next < count) await sendOne(hub, agent, `frame.${String(next++).padStart(6, '0')}.bin`, bytes);
  };
  await Promise.all(Array.from({ length: atOnce }, sendOn));
  agent.destroy();
}

async function sendOne(hub: BenchHub, agent: Agent, filename: string, bytes: Buffer): Promise<void> {
  const metadata = Object.entries({ filename, projectId: hub.projectId });
  const sending = request(`${hub.address}/uploads`, {
    agent,
    method: 'POST',
    headers: {
      Authorization: `Bearer ${hub.token}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': bytes.length,
      'Upload-Metadata': metadata
        .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
        .join(','),
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': bytes.length,
    },
  });
  sending.end(bytes);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const ended = once(response, 'end');
  response.resume();
  await ended;
  if (response.statusCode !== 201) throw new Error(`POST answered ${response.statusCode}`);
}

async function sendByRsync(folder: string, bytes: Buffer, count: number): Promise<number | null> {
  const [own, source] = ['rsync', 'source'].map((name) => path.join(folder, 'small', name)) as [
    string,
    string,
  ];
  for (const each of [own, source]) mkdirSync(each, { recursive: true });
  for (let index = 0; index < count; index++) writeFileSync(path.join(source, `${index}.bin`), bytes);
  const rsync = await startRsync(own);
  if (!rsync) return null;
  spawnSync('sync');
  const startedAt = performance.now();
  await rsync.send(source, 'files');
  spawnSync('sync');
  const ms = performance.now() - startedAt;
  await rsync.stop();
  return ms;
}
