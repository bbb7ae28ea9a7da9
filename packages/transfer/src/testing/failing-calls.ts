// For tests: makes system calls of a running process fail, as a broken or full disk does.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type FailingCall = {
  name: 'pwrite64' | 'fdatasync';
  error: 'EIO' | 'ENOSPC';
  /** Which call of each thread fails. */
  nth: number;
};

/** Why this machine cannot make calls fail; false when it can. */
export function whyNoFailingCalls(): string | false {
  if (spawnSync('strace', ['-V']).status !== 0) return 'needs strace';
  return process.getuid?.() === 0 ? false : 'needs root, to trace a process';
}

/** Resolves when the calls of this process are watched. `end` returns how many of them failed. */
export async function failCalls(
  pid: number,
  { name, error, nth }: FailingCall,
): Promise<{ end(): Promise<number> }> {
  const folder = mkdtempSync(join(tmpdir(), 'turnover-strace-'));
  const log = join(folder, 'log');
  const inject = `inject=${name}:error=${error}:when=${nth}`;
  const tracer = spawn('strace', ['-f', '-p', String(pid), '-e', `trace=${name}`, '-e', inject, '-o', log], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(tracer, 'exit');
  const isAttached = await Promise.race([
    once(tracer.stderr, 'data').then(() => true),
    ended.then(() => false),
  ]);
  if (!isAttached) throw new Error('strace ended before it could watch the process.');
  tracer.stderr.resume();
  return {
    async end() {
      tracer.kill('SIGINT');
      await ended;
      const lines = existsSync(log) ? readFileSync(log, 'utf8') : '';
      rmSync(folder, { recursive: true });
      return lines.split('(INJECTED)').length - 1;
    },
  };
}
