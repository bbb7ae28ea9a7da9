/**
 * Checks the write-ahead log of a database (`turnover.db-wal`) before SQLite reads it. SQLite accepts any log that it finds
 * and silently skips damaged parts, so acknowledged commits would be lost. Writes nothing.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { DatabaseRefused } from './database-refused.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
const magics = [0x377f0682, 0x377f0683];

type Beside = {
  /** The page size of the database. */
  pageBytes: number;
  /** Whether the database is a backup that was never started, so that it has no log of its own. */
  isUnstartedCopy: boolean;
};

const quietMs = 300;

/**
 * Checks the log. If a process writes to it meanwhile, an apparent problem is checked again, and ignored while the log
 * changes.
 */
export function checkLog(path: string, beside: Beside): void {
  const before = stampOf(path);
  try {
    checkOnce(path, beside);
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, quietMs);
    if (stampOf(path) !== before) return;
    checkOnce(path, beside);
  }
}

function stampOf(path: string): string {
  return ['', '-wal', '-shm']
    .map((suffix) => {
      const found = statSync(path + suffix, { throwIfNoEntry: false });
      return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : '';
    })
    .join();
}

function checkOnce(path: string, { pageBytes, isUnstartedCopy }: Beside): void {
  const log = `${path}-wal`;
  const claimed = claimOf(`${path}-shm`);
  const size = statSync(log, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    if (claimed && claimed.frames > claimed.copied && isSameBoot(`${path}-shm`))
      throw lost(path, `${log} is missing, and it held changes that are not in the database yet`);
    return;
  }
  if (size <= headerBytes) {
    // Either the log was empty, or it was truncated although a killed process still needed it.
    if (claimed && claimed.frames > claimed.copied && isSameBoot(`${path}-shm`))
      throw lost(path, `${log} was emptied`);
    return;
  }
  if (isUnstartedCopy) throw foreign(path);
  const descriptor = openSync(log, 'r');
  try {
    new Log(descriptor, size, path).check(pageBytes, claimed);
  } finally {
    closeSync(descriptor);
  }
}

type Claim = { frames: number; copied: number; salts: string };

/**
 * Reads the log's index (`-shm`). SQLite writes it after syncing the log and before a commit returns, so it lists every
 * acknowledged commit and only commits that are in the log. Undefined when there is no valid index.
 */
function claimOf(index: string): Claim | undefined {
  try {
    const bytes = readFileSync(index);
    const isWhole = bytes.length >= 136 && bytes.subarray(0, 48).equals(bytes.subarray(48, 96));
    if (!isWhole || bytes[12] !== 1) return undefined;
    return {
      frames: bytes.readUInt32LE(16),
      copied: bytes.readUInt32LE(96),
      salts: bytes.toString('hex', 32, 40),
    };
  } catch {
    return undefined;
  }
}

/** Whether the index is from this boot. After a power cut it may be older than the log, so it proves nothing. */
function isSameBoot(index: string): boolean {
  try {
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    return statSync(index).mtimeMs > Date.now() - uptimeMs;
  } catch {
    return false;
  }
}

class Log {
  readonly #descriptor: number;
  readonly #size: number;
  readonly #path: string;

  constructor(descriptor: number, size: number, path: string) {
    this.#descriptor = descriptor;
    this.#size = size;
    this.#path = path;
  }

  check(pageBytes: number, claimed: Claim | undefined): void {
    const header = this.#read(0, headerBytes);
    if (header.every((byte) => byte === 0)) return;
    const magic = header.readUInt32BE(0);
    const isBig = magic === magics[1];
    const [first, second] = sums(header.subarray(0, 24), isBig, [0, 0]);
    const isSound = header.readUInt32BE(24) === first && header.readUInt32BE(28) === second;
    if (!magics.includes(magic) || !isSound) throw damaged(this.#path, 'its beginning is not that of a log');
    if (header.readUInt32BE(8) !== pageBytes) throw foreign(this.#path);
    const salts = header.subarray(16, 24);
    const { sound, commitsBehind } = this.#readFrames(pageBytes, salts, isBig, [first, second]);
    const index =
      claimed?.salts === salts.toString('hex') && isSameBoot(`${this.#path}-shm`) ? claimed : undefined;
    // Frames after the acknowledged commits are remains of writers that were killed during a commit.
    if (index && sound >= index.frames) return;
    // A power cut can damage the last, unacknowledged commit. A commit with later commits behind it had been synced.
    if (commitsBehind >= 2) throw damaged(this.#path, 'a part in its middle is not as it was written');
    if (index && index.frames > index.copied)
      throw lost(this.#path, `its log ${this.#path}-wal ends too early or is damaged`);
  }

  /** Counts the sound frames from the start, and the sound commits after the first frame that is damaged. */
  #readFrames(
    pageBytes: number,
    salts: Buffer,
    isBig: boolean,
    start: [number, number],
  ): { sound: number; commitsBehind: number } {
    const frameBytes = frameHeaderBytes + pageBytes;
    let before = start;
    let sound = 0;
    let broken = false;
    let commitsBehind = 0;
    for (let at = headerBytes; at + frameBytes <= this.#size; at += frameBytes) {
      const frame = this.#read(at, frameBytes);
      // Frames with other salts are left from an earlier use of the log.
      if (!frame.subarray(8, 16).equals(salts)) {
        if (!broken && !this.#hasSalts(at + frameBytes, frameBytes, salts)) break;
        broken = true;
      }
      const after = sums(frame.subarray(frameHeaderBytes), isBig, sums(frame.subarray(0, 8), isBig, before));
      const written: [number, number] = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
      const isSound = after[0] === written[0] && after[1] === written[1];
      if (isSound && !broken) sound++;
      if (!isSound) broken = true;
      if (broken && isSound && frame.readUInt32BE(4) !== 0) commitsBehind++;
      before = written;
    }
    return { sound, commitsBehind };
  }

  #hasSalts(at: number, frameBytes: number, salts: Buffer): boolean {
    if (at + frameBytes > this.#size) return false;
    return this.#read(at, frameHeaderBytes).subarray(8, 16).equals(salts);
  }

  #read(at: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    readSync(this.#descriptor, buffer, 0, length, at);
    return buffer;
  }
}

/** The checksum of SQLite's log format: two running sums over pairs of numbers. */
function sums(bytes: Buffer, isBig: boolean, [first, second]: [number, number]): [number, number] {
  let [one, two] = [first, second];
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + two) >>> 0;
    two = (two + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + one) >>> 0;
  }
  return [one, two];
}

export function foreign(path: string): DatabaseRefused {
  return new DatabaseRefused(
    `The log ${path}-wal belongs to another database than ${path}: a copy was put in the place of the database that wrote it. ` +
      `Move ${path}-wal and ${path}-shm away and start again. Nothing was changed.`,
  );
}

function damaged(path: string, why: string): DatabaseRefused {
  return new DatabaseRefused(
    `The log ${path}-wal, which holds the latest changes, is damaged: ${why}. Nothing was changed. ` +
      `Put the latest backup in the place of the database (folder backups). Or, to go on without those changes, move ${path}-wal and ${path}-shm away and start again.`,
  );
}

function lost(path: string, why: string): DatabaseRefused {
  return new DatabaseRefused(
    `The latest changes of the database ${path} are not there: ${why}. Nothing was changed. ` +
      `Put the file back that was removed or cut, or the latest backup (folder backups). To go on without those changes, move ${path}-wal and ${path}-shm away and start again.`,
  );
}
