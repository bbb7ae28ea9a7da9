// Child processes of a benchmark: starts them, waits until they serve, stops them and reads their peak memory.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export type Served = { address: string; process: ChildProcess };

/** Runs one of our scripts, which sends `{ ready: address }` when it serves. */
export async function serve(args: string[], env: Record<string, string> = {}): Promise<Served> {
  const child = start(args, env);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${args[0]} ended with ${code}`);
  });
  const ready = new Promise<string>((resolve) => {
    child.on(
      'message',
      (message: { ready?: string }) => message.ready !== undefined && resolve(message.ready),
    );
  });
  const address = await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return { address, process: child };
}

export function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: root,
    // The turnover.env of a developer must not change what is measured.
    env: { ...process.env, TURNOVER_SETTINGS: devNull, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** The peak memory of the process; undefined where the system does not report it. */
export function peakBytes(child: ChildProcess): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs a program to its end and returns how many milliseconds it took. */
export async function timed(file: string, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${said}`);
  return performance.now() - startedAt;
}
