// Inspects sparse files of 6 GB: a movie whose index is at the end, and a wave. Counts every byte that the process reads.
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { mediaKind } from '../packages/domain/src/media/media-kinds.ts';
import { inspectFile } from '../packages/processing/src/inspect/inspect-file.ts';
import { big, text, zeros } from '../packages/processing/src/inspect/testing/bytes.ts';
import { quickTimeAround } from '../packages/processing/src/inspect/testing/movies.ts';
import { chunk, ds64, fmt, riff } from '../packages/processing/src/inspect/testing/waves.ts';
import { peerMs, sayGoal, sayLoad, sayMissing, timesOf } from './peers.ts';
import { root } from './process.ts';

const runs = 9;
const sizeBytes = 6_000_000_000;
const goals = { bytes: 32 * 1024 * 1024, ms: 500 };

export async function benchInspect(): Promise<void> {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bench-inspect-'));
  try {
    sayLoad();
    for (const [name, write] of Object.entries({ 'movie.mov': writeMovie, 'mix.wav': writeWave })) {
      const file = path.join(folder, name);
      write(file);
      await inspectRepeatedly(file, name);
    }
    sayLoad();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inspectRepeatedly(file: string, name: string): Promise<void> {
  const times: number[] = [];
  const theirs: number[] = [];
  let bytes = 0;
  for (let run = 0; run <= runs; run++) {
    const [readBefore, startedAt] = [bytesRead(), performance.now()];
    const found = await inspectFile(
      { path: file, name, sizeBytes, mediaKind: mediaKind(name) },
      { signal: new AbortController().signal },
    );
    const ms = performance.now() - startedAt;
    if (found.kind !== 'read') throw new Error(`${name} was not inspected: ${JSON.stringify(found)}`);
    const peer = peerMs('mediainfo', ['--Output=JSON', file]);
    // The first run is not counted, because it loads the reader.
    if (run === 0) continue;
    times.push(ms);
    bytes = Math.max(bytes, bytesRead() - readBefore);
    if (peer !== null) theirs.push(peer);
  }
  const { median, least, most } = timesOf(times);
  sayGoal(`${name}, 6 GB`, `${median.toFixed(0)} ms`, `${goals.ms} ms`, median <= goals.ms);
  console.log(`    ${least.toFixed(0)} to ${most.toFixed(0)} ms`);
  sayGoal('  bytes read', `${(bytes / 2 ** 20).toFixed(1)} MB`, '32 MB', bytes > 0 && bytes <= goals.bytes);
  if (theirs.length === 0) sayMissing('mediainfo', "the same by the system's mediainfo");
  else console.log(`    the system's mediainfo: ${timesOf(theirs).median.toFixed(0)} ms`);
}

/** Returns all bytes that this process has read, as Linux counts them. */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1]);
}

function writeMovie(file: string): void {
  // A chunk for each second, as cameras and editors write them.
  const { begin, index } = quickTimeAround(sizeBytes / 4 - 100_000, 48_000);
  const bodyBytes = BigInt(sizeBytes - begin.length - index.length);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(bodyBytes);
  // A size of 1 means that the real size follows in 64 bits.
  writeSparse(file, Buffer.concat([begin, big(4, 1), text('mdat'), size]), index);
}

function writeWave(file: string): void {
  const unknown = 0xffffffff;
  const head = (bytes: number) =>
    riff([ds64(sizeBytes - 8, bytes), fmt({ channels: 6 }), chunk('data', zeros(0), unknown)], {
      outer: 'RF64',
      stated: unknown,
    });
  writeSparse(file, head(sizeBytes - head(0).length), zeros(0));
}

function writeSparse(file: string, begin: Buffer, end: Buffer): void {
  const to = openSync(file, 'w');
  writeSync(to, begin);
  ftruncateSync(to, sizeBytes);
  writeSync(to, end, 0, end.length, sizeBytes - end.length);
  closeSync(to);
}
