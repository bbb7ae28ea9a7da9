// Uploads: ours (durable, hashed, authorised) beside bare @tus/server with its file store and beside dd, which is the
// limit of a durable write. Same file, same disk, same client, interleaved; what counts is the ratio of the medians.
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { startHub, type BenchHub } from './hub.ts';
import { peakBytes, root, serve, stop, timed } from './process.ts';

const MIB = 1024 * 1024;
const fileBytes = 1024 * MIB;
const rounds = 5;
const atOnce = 8;
const maxResidentBytes = 300 * MIB;
const goals = { 'bare tus': 1.1, dd: 0.7 };

type Contender = {
  name: string;
  times: number[];
  send(file: string, round: number): Promise<number>;
  /** What goes on behind it has to end before the next one is measured. */
  settle?(): Promise<void>;
};

export async function benchUpload(): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bench-upload-'));
  try {
    const file = makeFile(folder);
    await compare(folder, file);
    await sendManyAtOnce(folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(folder: string, file: string): Promise<void> {
  const stockFolder = path.join(folder, 'stock');
  mkdirSync(stockFolder);
  const hub = await startHub(path.join(folder, 'data'));
  const stock = await serve(['packages/transfer/src/testing/stock-process.ts', stockFolder]);
  const ours: Contender = {
    name: 'turnover',
    times: [],
    send: (source, round) => sendToHub(hub, source, `${round}`),
    settle: () => hub.whenQuiet(),
  };
  const peers: Contender[] = [
    { name: 'bare tus', times: [], send: (source) => sendToStock(stock.address, source) },
    { name: 'dd', times: [], send: (source) => copyWithDd(source, path.join(folder, 'copy')) },
  ];
  try {
    // The first round warms what it warms for all of them and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const contender of [...peers, ours]) {
        // What an earlier one left unwritten must not be paid by the next.
        spawnSync('sync');
        const tookMs = await contender.send(file, round);
        await contender.settle?.();
        if (round > 0) contender.times.push(tookMs);
      }
    }
  } finally {
    await stop(stock.process);
    await hub.stop();
  }
  report(ours, peers);
}

function report(ours: Contender, peers: Contender[]): void {
  for (const { name, times } of [ours, ...peers]) {
    const speed = fileBytes / MIB / (median(times) / 1000);
    const spread = `${(Math.min(...times) / 1000).toFixed(2)}–${(Math.max(...times) / 1000).toFixed(2)} s`;
    console.log(`  ${name.padEnd(10)} ${speed.toFixed(0).padStart(5)} MiB/s   (${spread})`);
  }
  for (const { name, times } of peers) {
    const ratio = median(times) / median(ours.times);
    const goal = goals[name as keyof typeof goals];
    console.log(
      `  ${ratio.toFixed(2)} of ${name} (aim: ${goal}) ${ratio >= goal ? 'reached' : 'NOT reached'}`,
    );
  }
}

async function sendManyAtOnce(folder: string, file: string): Promise<void> {
  const hub = await startHub(path.join(folder, 'many'));
  try {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: atOnce }, (_, index) => sendToHub(hub, file, `${index}`)));
    const speed = (atOnce * fileBytes) / MIB / ((performance.now() - startedAt) / 1000);
    console.log(`\n  ${atOnce} uploads of 1 GiB at once: ${speed.toFixed(0)} MiB/s together`);
    const peak = peakBytes(hub.web);
    if (peak === undefined) console.log('  memory: skipped, this system does not tell it');
    else reportMemory(peak);
  } finally {
    await hub.stop();
  }
}

function reportMemory(peak: number): void {
  const verdict = peak <= maxResidentBytes ? 'reached' : 'NOT reached';
  console.log(
    `  web process at most ${(peak / MIB).toFixed(0)} MiB (aim: ${maxResidentBytes / MIB}) ${verdict}`,
  );
}

async function sendToHub(hub: BenchHub, file: string, name: string): Promise<number> {
  const startedAt = performance.now();
  const fields = { filename: `${name}.mov`, projectId: hub.projectId };
  const url = await create(hub.address, fields, { Authorization: `Bearer ${hub.token}` });
  await patch(url, file, [`Authorization: Bearer ${hub.token}`]);
  return performance.now() - startedAt;
}

async function sendToStock(address: string, file: string): Promise<number> {
  const startedAt = performance.now();
  const url = await create(address, { filename: 'file.mov' });
  await patch(url, file, []);
  const tookMs = performance.now() - startedAt;
  await fetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } });
  return tookMs;
}

async function copyWithDd(file: string, copy: string): Promise<number> {
  const tookMs = await timed('dd', [`if=${file}`, `of=${copy}`, 'bs=4M', 'conv=fdatasync']);
  rmSync(copy);
  return tookMs;
}

async function create(
  address: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<string> {
  const metadata = Object.entries(fields).map(
    ([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`,
  );
  const answer = await fetch(`${address}/uploads`, {
    method: 'POST',
    headers: {
      ...headers,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(fileBytes),
      'Upload-Metadata': metadata.join(','),
    },
  });
  if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
  return new URL(answer.headers.get('location')!, address).href;
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

async function patch(url: string, file: string, moreHeaders: string[]): Promise<void> {
  const headers = [
    'Tus-Resumable: 1.0.0',
    'Upload-Offset: 0',
    'Content-Type: application/offset+octet-stream',
    ...moreHeaders,
  ];
  if (!hasCurl) {
    await timed(process.execPath, ['bench/send.ts', url, file, ...headers]);
    return;
  }
  const lines = headers.flatMap((header) => ['-H', header]);
  await timed('curl', ['-sS', '--fail', '-X', 'PATCH', '-T', file, '-H', 'Expect:', ...lines, url]);
}

function makeFile(folder: string): string {
  const file = path.join(folder, 'source');
  const descriptor = openSync(file, 'w');
  const block = Buffer.allocUnsafe(16 * MIB);
  for (let written = 0; written < fileBytes; written += block.length)
    writeSync(descriptor, randomFillSync(block));
  closeSync(descriptor);
  return file;
}

function median(numbers: number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}
