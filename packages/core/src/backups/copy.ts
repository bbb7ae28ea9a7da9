/** Writes a backup in a child process, so that this process goes on serving. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { removeBackup, removePartials } from '@turnover/db/backup-files';
import type { BackupFailure } from '@turnover/domain/server/backups';
import type { CopyOutcome } from './copy-process.ts';

const program = fileURLToPath(new URL('./copy-process.ts', import.meta.url));

/** Thrown when no backup was made. The message is for logs and for the command. */
export class BackupNotMade extends Error {
  readonly failure: BackupFailure;

  constructor(failure: BackupFailure, message: string) {
    super(message);
    this.name = 'BackupNotMade';
    this.failure = failure;
  }
}

/** Writes the backup and reads it back. A backup that cannot be read back is removed. */
export async function copyDatabase(
  database: string,
  target: string,
  signal?: AbortSignal,
): Promise<{ sizeBytes: number; assets: number }> {
  const outcome = await runProgram(database, target, signal);
  if (!('failure' in outcome)) return outcome;
  if (outcome.failure === 'not_read_back') removeBackup(target);
  throw new BackupNotMade(outcome.failure, outcome.message);
}

async function runProgram(database: string, target: string, signal?: AbortSignal): Promise<CopyOutcome> {
  signal?.throwIfAborted();
  const child = spawn(process.execPath, [program, database, target], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  try {
    const [answer, complaint, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (code === 0) return JSON.parse(answer) as CopyOutcome;
    removePartials(target);
    signal?.throwIfAborted();
    return { failure: 'unknown', message: complaint.trim() || 'The program that copies the database ended.' };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}
