// A working day in minutes: people with real sign-ins browse and comment, all of them listen to live updates, some upload and some
// download. Tells how long pages and calls take, what failed, and how memory and database grow.
//   npm run bench -- load [--minutes=10] [--people=200] [--rate=250kB] [--big [--entries=2000000] [--requests=20000] [--gigabytes=10]]
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openMigrated } from '../packages/db/src/migrate.ts';
import { contextOn, startHub, type BenchHub } from './hub.ts';
import { makeData, type Amounts, type Visitor } from './load-data.ts';
import { actOnce, downloadAll, Figures, listen, uploadAll, type Kind } from './load-people.ts';
import { sayGoal, sayLoad } from './peers.ts';

const MIB = 1024 ** 2;
const GB = 1e9;
const transfersAtOnce = 20;
const actEveryMs = 200;
const sampleEveryMs = 10_000;
/** All of them come at once, which no day begins with: what they do meanwhile is not counted. */
const settleMs = 20_000;
const uploadBytes = 8 * MIB;
const aimMs = 250;

type Sample = { web: number; worker: number; database: number; webCpu: number; workerCpu: number };

export async function benchLoad(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'turnover-bench-load-'));
  try {
    const minutes = numberOf('minutes', 10);
    const amounts = amountsAsked();
    const dataFolder = path.join(folder, 'data');
    const visitors = await fill(dataFolder, amounts);
    const rate = valueOf('rate') ?? '250kB';
    const settings = {
      TURNOVER_LOG: 'error',
      TURNOVER_PERSON_UPLOAD_RATE: rate,
      TURNOVER_PERSON_DOWNLOAD_RATE: rate,
      // Most files of the generated database have no bytes.
      TURNOVER_ACCEPT_MISSING_FILES: 'yes',
      TURNOVER_SCRUB_DAYS: '0',
    };
    const hub = await startHub(dataFolder, settings);
    try {
      await measure(hub, dataFolder, folder, visitors, minutes);
    } finally {
      await hub.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function amountsAsked(): Amounts {
  const isBig = process.argv.includes('--big');
  return {
    people: numberOf('people', 200),
    entries: numberOf('entries', isBig ? 2_000_000 : 20_000),
    requests: numberOf('requests', isBig ? 20_000 : 400),
    databaseBytes: numberOf('gigabytes', isBig ? 10 : 0) * GB,
  };
}

async function fill(dataFolder: string, amounts: Amounts): Promise<Visitor[]> {
  const startedAt = performance.now();
  const db = openMigrated(dataFolder, { clock: Date.now });
  // A power cut during a benchmark costs nothing.
  db.$client.pragma('synchronous = OFF');
  try {
    const visitors = await makeData(await contextOn(db, dataFolder), dataFolder, amounts);
    const { people, entries, requests } = amounts;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`  ${people} people, ${entries} entries, ${requests} requests, made in ${seconds} s`);
    return visitors;
  } finally {
    db.$client.close();
  }
}

async function measure(
  hub: BenchHub,
  dataFolder: string,
  folder: string,
  visitors: readonly Visitor[],
  minutes: number,
): Promise<void> {
  const { address } = hub;
  const file = path.join(folder, 'upload.bin');
  writeFileSync(file, randomBytes(uploadBytes));
  const figures = new Figures();
  const end = new AbortController();
  const { signal } = end;
  const uploaders = visitors.slice(0, transfersAtOnce);
  const downloaders = visitors.slice(-transfersAtOnce);
  const running = [
    ...visitors.map((visitor) => listen(address, visitor, figures, signal)),
    ...uploaders.map((visitor) => uploadAll(address, visitor, file, figures, signal)),
    ...downloaders.map((visitor) => downloadAll(address, visitor, figures, signal)),
  ];
  await wait(settleMs);
  const browsing = browse(address, visitors, figures, signal);
  const samples = await sampleUntil(hub, dataFolder, Date.now() + minutes * 60_000);
  end.abort();
  await Promise.all([...running, browsing]);
  print(figures, samples, visitors.length, minutes);
}

/** Begins an act at each tick, whether the acts before have ended or not: a slow hub does not slow people down. */
async function browse(
  address: string,
  visitors: readonly Visitor[],
  figures: Figures,
  signal: AbortSignal,
): Promise<void> {
  const acts = new Set<Promise<void>>();
  while (!signal.aborted) {
    const visitor = visitors[Math.floor(Math.random() * visitors.length)]!;
    const act = actOnce(address, visitor, figures).finally(() => acts.delete(act));
    acts.add(act);
    await wait(actEveryMs);
  }
  await Promise.all(acts);
}

async function sampleUntil(hub: BenchHub, dataFolder: string, end: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (;;) {
    samples.push({
      web: residentBytes(hub.web.pid),
      worker: residentBytes(hub.worker.pid),
      database: databaseBytes(dataFolder),
      webCpu: cpuSeconds(hub.web.pid),
      workerCpu: cpuSeconds(hub.worker.pid),
    });
    const left = end - Date.now();
    if (left <= 0) return samples;
    await wait(Math.min(sampleEveryMs, left));
  }
}

function databaseBytes(dataFolder: string): number {
  return ['turnover.db', 'turnover.db-wal']
    .map((name) => statSync(path.join(dataFolder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** 0 where the system does not report it. */
function residentBytes(pid: number | undefined): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Processor time so far. The kernel counts hundredths of a second. */
function cpuSeconds(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

function print(figures: Figures, samples: readonly Sample[], people: number, minutes: number): void {
  const acts = Object.values(figures.ms).reduce((sum, ms) => sum + ms.length, 0);
  console.log(
    `  ${people} people for ${minutes} min: ${acts} acts, ${(acts / minutes / 60).toFixed(1)} a second; ` +
      `${figures.uploads} uploads (${(figures.sentBytes / MIB).toFixed(0)} MiB), ` +
      `${figures.downloads} downloads (${(figures.receivedBytes / MIB).toFixed(0)} MiB)`,
  );
  console.log(`  live streams: ${people}, ${figures.liveEvents} events, ${figures.liveEnded} ended early`);
  for (const [kind, words] of [
    ['page', 'pages'],
    ['call', 'calls'],
    ['change', 'changes'],
  ] as const)
    printTimes(words, figures.ms[kind as Kind]);
  const failures = [...figures.errors.values()].reduce((sum, count) => sum + count, 0);
  sayGoal('errors', String(failures), '0', failures === 0);
  for (const [words, count] of figures.errors) console.log(`    ${count} × ${words}`);
  for (const part of ['web', 'worker', 'database'] as const) {
    const values = samples.map((sample) => sample[part] / MIB);
    const shown = [0, 0.25, 0.5, 0.75, 1].map((share) =>
      values[Math.floor((values.length - 1) * share)]!.toFixed(0),
    );
    console.log(
      `  ${part.padEnd(9)} MiB over time: ${shown.join(', ')} (at most ${Math.max(...values).toFixed(0)})`,
    );
  }
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const share = (before: number, after: number) =>
    `${(((after - before) / minutes / 60) * 100).toFixed(0)} %`;
  console.log(
    `  of one core: web ${share(first.webCpu, last.webCpu)}, worker ${share(first.workerCpu, last.workerCpu)}`,
  );
  sayLoad();
}

function printTimes(words: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const [half, most, longest] = [at(0.5), at(0.99), at(1)];
  const found = `${most.toFixed(0)} ms`;
  sayGoal(`${words}, 99 % of ${sorted.length}`, found, `at most ${aimMs} ms`, most <= aimMs);
  console.log(`    half of them ${half.toFixed(0)} ms, the longest ${longest.toFixed(0)} ms`);
}

function valueOf(name: string): string | undefined {
  const option = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(option))?.slice(option.length);
}

function numberOf(name: string, byDefault: number): number {
  const number = Number(valueOf(name) ?? byDefault);
  if (!(number >= 0)) throw new Error(`--${name} is a number.`);
  return number;
}
