/**
 * Reserves disk space for the database with a filler file. When a commit finds the disk full, it frees a piece of the file,
 * so that changes can continue while people free space; later the file is filled again. It is freed in pieces, because
 * otherwise whatever filled the disk would also fill the whole reserve.
 */
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { faultReasonOf, type FaultReason } from '@turnover/domain/requests/system-faults';

const MiB = 1024 * 1024;
const pieces = 16;
/** The largest part of the disk that is reserved, for small disks. */
const partOfDisk = 1 / 16;
const largestBytes = 32 * MiB;

export const reservePath = (dataFolder: string) => join(dataFolder, 'turnover.reserve');

export type SpaceReserve = {
  /** The size of a full reserve in bytes. */
  readonly wholeBytes: number;
  /** The present size in bytes. */
  heldBytes(): number;
  /** False after a piece was given up; then nothing large may be written. */
  isWhole(): boolean;
  /** Frees one piece. Returns false when nothing is left. */
  giveUpPiece(): boolean;
  /** Fills the reserve again when the disk has twice the space. Returns true when it is full. */
  takeBack(): Promise<boolean>;
  freeBytes(): number;
  /** The system's error when writing a file now; undefined when writing succeeds. */
  whyNoRoom?(): unknown;
};

type DiskCalls = { free(): number; total(): number };

export function openSpaceReserve(
  dataFolder: string,
  disk: DiskCalls = diskOf(dataFolder),
  most = largestBytes,
): SpaceReserve {
  const path = reservePath(dataFolder);
  const wholeBytes = Math.min(most, Math.floor((disk.total() * partOfDisk) / MiB) * MiB);
  const pieceBytes = Math.max(64 * 1024, Math.ceil(wholeBytes / pieces));
  const heldBytes = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    wholeBytes,
    heldBytes,
    isWhole: () => heldBytes() >= wholeBytes,
    giveUpPiece() {
      const held = heldBytes();
      if (held === 0) return false;
      try {
        truncateSync(path, Math.max(0, held - pieceBytes));
        return true;
      } catch {
        return false;
      }
    },
    async takeBack() {
      const missing = wholeBytes - heldBytes();
      if (missing <= 0) return true;
      if (disk.free() < missing * 2) return false;
      return fill(path, wholeBytes);
    },
    freeBytes: () => disk.free(),
    whyNoRoom: () => tryWriting(join(dataFolder, `turnover.probe.${process.pid}`)),
  };
}

/** The bytes of the probe: more than most commits need at once. */
const probe = Buffer.alloc(MiB, 'probe');

function tryWriting(path: string): unknown {
  try {
    writeFileSync(path, probe, { mode: 0o600, flush: true });
    return undefined;
  } catch (error) {
    return error;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Writes random bytes, because on a compressing disk zeros would reserve nothing. */
async function fill(path: string, wholeBytes: number): Promise<boolean> {
  const chunk = Buffer.alloc(MiB);
  const descriptor = openSync(path, 'a', 0o600);
  try {
    for (let held = statSync(path).size; held < wholeBytes;) {
      randomFillSync(chunk);
      held += writeSync(descriptor, chunk, 0, Math.min(MiB, wholeBytes - held));
      await turn();
    }
    fsyncSync(descriptor);
    return true;
  } catch (error) {
    // There was not enough space after all, so this frees the space it just took.
    if (faultReasonOf(error) === undefined) throw error;
    rmSync(path, { force: true });
    return false;
  } finally {
    closeSync(descriptor);
  }
}

function diskOf(dataFolder: string): DiskCalls {
  const look = () => statfsSync(dataFolder);
  return {
    free: () => {
      const { bavail, bsize } = look();
      return bavail * bsize;
    },
    total: () => {
      const { blocks, bsize } = look();
      return blocks * bsize;
    },
  };
}

const reserves = new WeakMap<Sqlite.Database, SpaceReserve>();

/** Lets commits of this connection use the reserve. */
export function keepReserve(client: Sqlite.Database, reserve: SpaceReserve): void {
  reserves.set(client, reserve);
}

/** Runs `write`. While it fails for lack of space, gives up a piece of the reserve and runs it again. */
export function withReserve<Result>(client: Sqlite.Database, write: () => Result): Result {
  for (;;) {
    try {
      return write();
    } catch (error) {
      const reserve = reserves.get(client);
      const named = reserve ? withItsName(error, reserve) : error;
      const isFull = noRoom.has(faultReasonOf(named));
      if (!isFull || client.inTransaction || !reserve?.giveUpPiece()) throw named;
    }
  }
}

const noRoom: ReadonlySet<FaultReason | undefined> = new Set(['disk_full', 'quota']);

/**
 * Finds the reason of a failed write. SQLite reports only ENOSPC as a full disk, reports a used-up quota as a disk error, and
 * does not pass on the system's error. So this writes a probe file.
 */
function withItsName(error: unknown, reserve: SpaceReserve): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'SQLITE_IOERR_WRITE') return error;
  const refusal = reserve.whyNoRoom?.();
  if (!noRoom.has(faultReasonOf(refusal))) return error;
  const { code, message } = refusal as NodeJS.ErrnoException;
  return Object.assign(new Error(message, { cause: error }), { code });
}
