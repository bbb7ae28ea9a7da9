// Ten thousand small files to Turnover, each durable, hashed and authorised: in bundles from three connections, as a browser sends
// them, and each in one request that creates the upload and carries its bytes. Beside an rsync daemon followed by `sync`.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { cpuSeconds } from './cpu.ts';
import type { BenchHub } from './hub.ts';
import { sayGoal, sayMissing } from './peers.ts';
import { startRsync } from './transfer-peers.ts';

const fileBytes = 100_000;
const aim = 0.5;
const filesOfBundle = 64;

type Send = (hub: BenchHub, agent: Agent, names: readonly string[], bytes: Buffer) => Promise<void>;
type Way = { what: string; atOnce: number; filesAtATime: number; send: Send };

const bundled: Way = { what: 'in bundles', atOnce: 3, filesAtATime: filesOfBundle, send: sendBundle };
const alone: Way = { what: 'each alone', atOnce: 16, filesAtATime: 1, send: sendOne };

export async function sendSmallFiles(hub: BenchHub, folder: string, count: number): Promise<void> {
  const bytes = randomFillSync(Buffer.allocUnsafe(fileBytes));
  await measure(hub, bytes, count, alone);
  const oursMs = await measure(hub, bytes, count, bundled);
  const peerMs = await sendByRsync(folder, bytes, count);
  if (peerMs === null) return sayMissing('rsync', 'small files beside it');
  const ratio = peerMs / oursMs;
  console.log(`  the same by an rsync daemon and sync: ${((count * 1000) / peerMs).toFixed(0)} files/s`);
  sayGoal('in bundles: times as fast as rsync and sync', ratio.toFixed(2), `${aim}`, ratio >= aim);
}

async function measure(hub: BenchHub, bytes: Buffer, count: number, way: Way): Promise<number> {
  spawnSync('sync');
  const cpuBefore = cpuSeconds(hub.web.pid!);
  const startedAt = performance.now();
  await sendToHub(hub, bytes, count, way);
  const ms = performance.now() - startedAt;
  const cpuAfter = cpuSeconds(hub.web.pid!);
  await hub.whenQuiet();
  const spent =
    cpuBefore === undefined || cpuAfter === undefined
      ? ''
      : `, ${(((cpuAfter - cpuBefore) * 1000) / count).toFixed(2)} ms of the web process each`;
  console.log(`  ${count} files of 100 kB ${way.what}: ${((count * 1000) / ms).toFixed(0)} files/s${spent}`);
  return ms;
}

async function sendToHub(
  hub: BenchHub,
  bytes: Buffer,
  count: number,
  { what, atOnce, filesAtATime, send }: Way,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let next = 0;
  const sendOn = async (): Promise<void> => {
    while (next < count) {
      const names: string[] = [];
      while (names.length < filesAtATime && next < count) names.push(`${what} ${next++}.bin`);
      await send(hub, agent, names, bytes);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sendOn));
  agent.destroy();
}

async function sendBundle(
  hub: BenchHub,
  agent: Agent,
  names: readonly string[],
  bytes: Buffer,
): Promise<void> {
  const { projectId } = hub;
  const files = names.flatMap((filename) => [
    Buffer.from(`${JSON.stringify({ projectId, filename, sizeBytes: bytes.length })}\n`),
    bytes,
  ]);
  const headers = { 'Content-Type': 'application/x-turnover-bundle' };
  const answer = await post(hub, agent, '/uploads/bundle', headers, Buffer.concat(files));
  if (answer.includes('"received":false')) throw new Error(answer);
}

async function sendOne(
  hub: BenchHub,
  agent: Agent,
  [filename = '']: readonly string[],
  bytes: Buffer,
): Promise<void> {
  const metadata = Object.entries({ filename, projectId: hub.projectId });
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Upload-Length': bytes.length,
    'Upload-Metadata': metadata
      .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
      .join(','),
    'Content-Type': 'application/offset+octet-stream',
  };
  await post(hub, agent, '/uploads', headers, bytes);
}

async function post(
  hub: BenchHub,
  agent: Agent,
  to: string,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): Promise<string> {
  const sending = request(`${hub.address}${to}`, {
    agent,
    method: 'POST',
    headers: { Authorization: `Bearer ${hub.token}`, 'Content-Length': body.length, ...headers },
  });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode! >= 300) throw new Error(`POST answered ${response.statusCode}: ${answer}`);
  return answer;
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
