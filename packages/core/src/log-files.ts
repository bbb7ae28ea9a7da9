/**
 * Keeps the log of a process in the data folder too, for the page Server → Log. The files have a bounded size, so that no log fills
 * the disk. Writing never makes the process wait or fail: lines that cannot be written are counted and left out.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { appendFile, chmod, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogProcess } from '@turnover/domain/server/log-words';
import type { Clock } from './context.ts';

export const logsFolder = (dataFolder: string) => join(dataFolder, 'logs');

/** The files of a process, newest first: `web.log`, then `web.1.log`. */
export function logFileNames(process: LogProcess): string[] {
  return Array.from({ length: keptFiles }, (_, turn) => `${process}${turn === 0 ? '' : `.${turn}`}.log`);
}

const keptFiles = 4;
const maxFileBytes = 4 * 1024 * 1024;
const maxLineBytes = 16 * 1024;
const maxWaitingBytes = 1024 * 1024;
/** Lines that come together are written together. */
const collectMs = 200;

export type LogFiles = {
  /** `line`: an entry as JSON. */
  write(line: string): void;
  /** Begins to write to the data folder, once it is known to be this hub's. Until then, lines wait. */
  begin(dataFolder: string): void;
  /** Writes what waits at once, for the end of the process. */
  end(): void;
};

export function openLogFiles(
  process: LogProcess,
  clock: Clock,
  limits = { fileBytes: maxFileBytes, collectMs },
): LogFiles {
  let folder: string | undefined;
  let waiting: string[] = [];
  /** Lines that are on their way to the file. */
  let sending: string[] = [];
  let waitingBytes = 0;
  let leftOut = 0;
  let isPlanned = false;

  function plan(): void {
    if (isPlanned || folder === undefined || waiting.length === 0) return;
    isPlanned = true;
    setTimeout(() => void writeWaiting(folder!), limits.collectMs).unref();
  }

  async function writeWaiting(to: string): Promise<void> {
    sending = takeWaiting();
    try {
      await append(to, process, sending, limits.fileBytes);
    } catch {
      noteLoss(sending);
    }
    sending = [];
    isPlanned = false;
    plan();
  }

  function takeWaiting(): string[] {
    // A failed write may have left a line without an end, so an empty one comes first.
    const lines = [...(leftOut > 0 ? ['', gapOf(leftOut, clock())] : []), ...waiting];
    leftOut = 0;
    waiting = [];
    waitingBytes = 0;
    return lines;
  }

  function noteLoss(lines: readonly string[]): void {
    leftOut += lines.filter((line) => line !== '').length;
  }

  return {
    write(line) {
      const kept = line.length > maxLineBytes ? `${line.slice(0, maxLineBytes)}…` : line;
      if (waitingBytes + kept.length > maxWaitingBytes) {
        leftOut += 1;
        return;
      }
      waiting.push(kept);
      waitingBytes += kept.length;
      plan();
    },
    begin(dataFolder) {
      folder = logsFolder(dataFolder);
      plan();
    },
    end() {
      // What is being sent may not arrive any more: rather twice than not at all.
      const lines = [...sending, ...takeWaiting()];
      if (folder === undefined || lines.length === 0) return;
      try {
        mkdirSync(folder, { mode: 0o700, recursive: true });
        appendFileSync(join(folder, logFileNames(process)[0]!), textOf(lines), { mode: 0o600 });
      } catch {
        noteLoss(lines);
      }
    },
  };
}

function gapOf(count: number, at: number): string {
  return JSON.stringify({ at: new Date(at).toISOString(), level: 'warn', event: 'log.linesLeftOut', count });
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

async function append(
  folder: string,
  process: LogProcess,
  lines: readonly string[],
  maxBytes: number,
): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch(ignoreExisting);
  const names = logFileNames(process).map((name) => join(folder, name));
  const path = names[0]!;
  const text = textOf(lines);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 0 && size + Buffer.byteLength(text) > maxBytes) await rotate(names);
  await appendFile(path, text, { mode: 0o600 });
  if (size === 0) await chmod(path, 0o600);
}

/** The oldest file is replaced by the one after it. */
async function rotate(names: readonly string[]): Promise<void> {
  for (let turn = names.length - 1; turn > 0; turn -= 1)
    await rename(names[turn - 1]!, names[turn]!).catch(ignoreMissing);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
