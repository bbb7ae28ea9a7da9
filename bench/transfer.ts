// npm run bench -- transfer [--mib=2048] [--rounds=7] [--files=10000]: uploads to Turnover (durable, hashed, authorised) beside other ways to
// bring a file to another machine. Same file, same disk, interleaved; what counts is the ratio of the medians, and the
// processor time, which other work on the machine changes less.
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { cpuSeconds } from './cpu.ts';
import { startHub, type BenchHub } from './hub.ts';
import { sayGoal, sayLoad, sayMissing, timesOf } from './peers.ts';
import { peakBytes, root } from './process.ts';
import { measureDownloads, measureMemory } from './transfer-downloads.ts';
import { measurePages } from './transfer-pages.ts';
import { sendSmallFiles } from './transfer-small.ts';
import {
  createUpload,
  patch,
  startBareTus,
  startDd,
  startNginx,
  startRsync,
  startSftp,
  vaultLocation,
  type Peer,
} from './transfer-peers.ts';

const MIB = 1024 * 1024;
const fileMib = numberOf('--mib', 2048);
const rounds = numberOf('--rounds', 7);
const smallFiles = numberOf('--files', 10_000);
const atOnce = 8;
const maxResidentBytes = 300 * MIB;
const maxCpuSeconds = 0.6;

/** The goal: how many times as fast as the peer an upload should be. */
const peers: { name: string; aim: number; start: (folder: string) => Promise<Peer | null> }[] = [
  { name: 'dd conv=fdatasync', aim: 1.2, start: startDd },
  { name: 'bare tus (not durable)', aim: 1.5, start: startBareTus },
  { name: 'nginx DAV PUT (not durable)', aim: 1.2, start: startNginx },
  { name: 'rsync daemon (not durable)', aim: 0.9, start: startRsync },
  { name: 'sftp', aim: 3, start: startSftp },
];
/** The goal for eight simultaneous uploads, as a multiple of bare tus. */
const aimAtOnce = 1.3;

type Contender = {
  name: string;
  aim: number;
  peer: Peer;
  ms: number[];
  /** Processor seconds per GiB of each process of the peer. */
  cpu: number[][];
  /** Resolves when work that continues after the answer has ended, so that it does not disturb the next measurement. */
  settle?(): Promise<void>;
};

export async function benchTransfer(): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bench-transfer-'));
  const contenders: Contender[] = [];
  try {
    const file = makeFile(folder);
    for (const { name, aim, start } of peers) {
      const own = path.join(folder, name.replaceAll(/\W+/g, '-'));
      mkdirSync(own);
      const peer = await start(own);
      if (peer) contenders.push({ name, aim, peer, ms: [], cpu: [] });
      else sayMissing(name, 'an upload beside it');
    }
    const hub = await startHub(path.join(folder, 'data'), { TURNOVER_NGINX_VAULT: vaultLocation });
    const peer = peerOf(hub, path.join(folder, 'data', 'vault'));
    const ours = { name: 'turnover', aim: 0, peer, ms: [], cpu: [], settle: () => hub.whenQuiet() };
    contenders.push(ours);
    await sendOneByOne(contenders, file);
    report(ours, contenders);
    await sendAtOnce(ours, contenders, file);
    reportMemory(hub);
    await measurePages(hub, () => Promise.all(namesOf('paged').map((name) => peer.send(file, name))));
    await hub.whenQuiet();
    await sendSmallFiles(hub, folder, smallFiles);
    await measureDownloads(hub, folder, fileMib, rounds);
    await measureMemory(hub, folder);
  } finally {
    for (const { peer } of contenders) await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function peerOf(hub: BenchHub, vault: string): Peer {
  const authorization = `Bearer ${hub.token}`;
  return {
    async send(file, name) {
      const fields = { filename: `${name}.mov`, projectId: hub.projectId };
      const url = await createUpload(hub.address, file, fields, { Authorization: authorization });
      await patch(url, file, [`Authorization: ${authorization}`]);
    },
    // Every peer deletes its files, and its next file takes the same memory of the page cache. Ours are deleted as well,
    // because fresh memory costs the kernel more processor time.
    clear: () => emptyVault(vault),
    pids: [hub.web.pid!, hub.worker.pid!],
    stop: () => hub.stop(),
  };
}

function emptyVault(vault: string): void {
  const entries = readdirSync(vault, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    for (const file of readdirSync(path.join(vault, name))) rmSync(path.join(vault, name, file));
  }
}

async function sendOneByOne(contenders: readonly Contender[], file: string): Promise<void> {
  // The first round warms caches for all of them and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const { ms, cpuPerGib } = await measure(contender, file, [`${round}`]);
      if (round === 0) continue;
      contender.ms.push(ms);
      if (cpuPerGib !== null) contender.cpu.push(cpuPerGib);
    }
  }
}

async function measure({ peer, settle }: Contender, file: string, names: string[]) {
  // Flushes the disk cache, so that the next upload does not pay for the last one.
  spawnSync('sync');
  const spent = () => peer.pids.map((pid) => cpuSeconds(pid));
  const cpuBefore = spent();
  const startedAt = performance.now();
  await Promise.all(names.map((name) => peer.send(file, name)));
  const ms = performance.now() - startedAt;
  await settle?.();
  const cpuAfter = spent();
  for (const name of names) peer.clear(name);
  const gib = (names.length * fileMib) / 1024;
  const perGib = cpuAfter.map((seconds, index) => (seconds! - cpuBefore[index]!) / gib);
  return { ms, cpuPerGib: perGib.length === 0 || perGib.some(Number.isNaN) ? null : perGib };
}

function report(ours: Contender, contenders: readonly Contender[]): void {
  console.log(`  ${fileMib} MiB, ${rounds} rounds: medians`);
  for (const { name, ms, cpu } of contenders) {
    const { median, least, most } = timesOf(ms);
    const speed = `${((fileMib * 1000) / median).toFixed(0)} MiB/s`;
    const spread = `(${(least / 1000).toFixed(2)} to ${(most / 1000).toFixed(2)} s)`;
    const spent = cpu.length > 0 ? `${cpuWords(mediansOf(cpu))} CPU s/GiB` : '';
    console.log(`  ${name.padEnd(28)} ${speed.padStart(11)} ${spread.padEnd(18)} ${spent}`);
  }
  for (const peer of contenders) {
    if (peer === ours) continue;
    sayRatio(`times as fast as ${peer.name}`, timesOf(peer.ms).median / timesOf(ours.ms).median, peer.aim);
  }
  if (ours.cpu.length > 0) {
    const together = sum(mediansOf(ours.cpu));
    const reached = together <= maxCpuSeconds;
    sayGoal('CPU s/GiB of web and worker', together.toFixed(2), `at most ${maxCpuSeconds}`, reached);
  }
  sayLoad();
}

async function sendAtOnce(ours: Contender, contenders: readonly Contender[], file: string): Promise<void> {
  const tus = contenders.find(({ name }) => name.startsWith('bare tus'))!;
  const ms = new Map<Contender, number[]>([
    [tus, []],
    [ours, []],
  ]);
  const count = Math.min(3, rounds);
  for (let round = 0; round < count; round++) {
    for (const [contender, times] of ms) {
      const measured = await measure(contender, file, namesOf(`many${round}`));
      times.push(measured.ms);
      console.log(
        `  ${atOnce} at once, ${contender.name}: ${((atOnce * fileMib * 1000) / measured.ms).toFixed(0)} MiB/s, ${cpuWords(measured.cpuPerGib ?? [])} CPU s/GiB`,
      );
    }
  }
  const [theirs, own] = [timesOf(ms.get(tus)!).median, timesOf(ms.get(ours)!).median];
  sayRatio(`${atOnce} at once: times as fast as bare tus`, theirs / own, aimAtOnce);
}

function namesOf(what: string): string[] {
  return Array.from({ length: atOnce }, (_, index) => `${what}-${index}`);
}

function reportMemory(hub: BenchHub): void {
  const peak = peakBytes(hub.web);
  if (peak === undefined) return console.log('  memory: skipped, this system does not tell it');
  const reached = peak <= maxResidentBytes;
  const aim = `at most ${maxResidentBytes / MIB} MiB`;
  sayGoal('memory of the web process, at most', `${(peak / MIB).toFixed(0)} MiB`, aim, reached);
}

function mediansOf(rows: readonly number[][]): number[] {
  return rows[0]!.map((_, index) => timesOf(rows.map((row) => row[index]!)).median);
}

/** Formats the time of a single process, or the sum and its parts: for Turnover, web and worker. */
function cpuWords(each: readonly number[]): string {
  const parts = each.map((seconds) => seconds.toFixed(2));
  return each.length > 1 ? `${sum(each).toFixed(2)} (${parts.join(' + ')})` : parts.join('');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function sayRatio(what: string, ratio: number, aim: number): void {
  sayGoal(what, ratio.toFixed(2), `${aim}`, ratio >= aim);
}

function makeFile(folder: string): string {
  const file = path.join(folder, 'source');
  const descriptor = openSync(file, 'w');
  const block = Buffer.allocUnsafe(16 * MIB);
  for (let written = 0; written < fileMib * MIB; written += block.length)
    writeSync(descriptor, randomFillSync(block));
  closeSync(descriptor);
  return file;
}

function numberOf(flag: string, otherwise: number): number {
  const given = process.argv.find((argument) => argument.startsWith(`${flag}=`));
  return given === undefined ? otherwise : Number(given.slice(flag.length + 1));
}
