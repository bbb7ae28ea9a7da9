/**
 * Space that is kept for the database: a file that holds nothing. When the disk is full, a piece of it is given up for each
 * commit that finds no room, so that changes go on while people make space; later it is taken back. In pieces, because
 * whatever filled the disk would otherwise fill the whole reserve as well.
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
/** A small disk keeps less. */
const partOfDisk = 1 / 16;
const largestBytes = 32 * MiB;

export const reservePath = (dataFolder: string) => join(dataFolder, 'turnover.reserve');

export type SpaceReserve = {
  /** What is kept when there is room. */
  readonly wholeBytes: number;
  /** What is kept now. */
  heldBytes(): number;
  /** False: a part was given up, and nothing large may be written. */
  isWhole(): boolean;
  /** Frees one piece; false when nothing is left. */
  giveUpPiece(): boolean;
  /** Fills it up where the disk has twice the room; true: it is whole. */
  takeBack(): Promise<boolean>;
  freeBytes(): number;
  /** What the system says when a file is written now; undefined: it takes it. */
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

/** More than most commits need at once. */
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

/** With random bytes: a disk that compresses would keep no room for zeros. */
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
    // There was no room after all: what was just taken is room for somebody.
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

/** Commits of this connection may use it. */
export function keepReserve(client: Sqlite.Database, reserve: SpaceReserve): void {
  reserves.set(client, reserve);
}

/** Runs what failed for want of space again, after each piece that is given up for it. */
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
 * SQLite calls a disk full by ENOSPC alone, and a used-up quota an error of the disk; what the system said is not passed
 * on. So the system is asked once more, with a file.
 */
function withItsName(error: unknown, reserve: SpaceReserve): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'SQLITE_IOERR_WRITE') return error;
  const refusal = reserve.whyNoRoom?.();
  if (!noRoom.has(faultReasonOf(refusal))) return error;
  const { code, message } = refusal as NodeJS.ErrnoException;
  return Object.assign(new Error(message, { cause: error }), { code });
}
