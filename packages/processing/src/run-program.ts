/**
 * Runs a program on untrusted files: without a shell and without input, in a process group that is killed on
 * cancel, timeout and the end of this thread, and within resource limits of the kernel where the system has them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants, setPriority } from 'node:os';

export type ProgramLimits = {
  timeMs: number;
  /** Maximum size of each file that the program writes. */
  fileBytes: number;
  memoryBytes: number;
};

export type ProgramEnd = {
  /** Exit code; null when the program was killed or could not be started. */
  code: number | null;
  /** The signal that killed it. */
  signal: NodeJS.Signals | null;
  tookTooLong: boolean;
  /** The last lines that it wrote to stderr. */
  errors: string;
};

/** A program that gets nothing but its arguments and answers on stdout. */
type Asked = { maxBytes: number; onTooMuch: () => void; onBytes: (bytes: Buffer) => void };

type Running = {
  limits: ProgramLimits;
  /** Kills the program when it aborts. */
  signal: AbortSignal;
  onLine?: (line: string) => void;
  /** Called with each line of stderr. */
  onErrorLine?: (line: string) => void;
  /** Runs the program with an empty environment in the root folder, and returns its stdout. */
  asked?: Asked;
};

const keptErrors = 2000;
const longestLine = 1000;

export async function runProgram(
  program: string,
  args: readonly string[],
  { limits, signal, onLine, onErrorLine, asked }: Running,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const [command, ...rest] = limited(program, args, limits);
  const child = spawn(command!, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The program does not inherit the worker's environment, which holds passwords.
    // eslint-disable-next-line no-restricted-properties -- where programs are is no setting of Turnover
    env: asked ? {} : { PATH: process.env.PATH },
    ...(asked && { cwd: '/' }),
  });
  const kill = () => killGroup(child.pid);
  let errors = '';
  let tookTooLong = false;
  const timer = setTimeout(() => {
    tookTooLong = true;
    kill();
  }, limits.timeMs);
  signal.addEventListener('abort', kill);
  try {
    const end = await new Promise<Pick<ProgramEnd, 'code' | 'signal'>>((resolve) => {
      child.on('error', () => resolve({ code: null, signal: null }));
      child.on('close', (code, killedBy) => resolve({ code, signal: killedBy }));
      child.on('spawn', () => yieldToOthers(child.pid!));
      child.stderr.on('data', (bytes: Buffer) => (errors = lastLines(errors + bytes.toString())));
      if (onErrorLine) readLines(child.stderr, onErrorLine);
      if (asked) readAnswer(child.stdout, asked, kill);
      else readLines(child.stdout, onLine);
    });
    signal.throwIfAborted();
    return { ...end, tookTooLong, errors };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    kill();
  }
}

/** Returns the end of a log, which begins with a whole line unless its last line alone is too long. */
function lastLines(log: string): string {
  if (log.length <= keptErrors) return log;
  const end = log.slice(-keptErrors);
  const lines = end.slice(end.indexOf('\n') + 1);
  return lines === '' ? end : lines;
}

/** Returns true when the program starts and exits successfully. */
function works(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 5000 }).status === 0;
}

let wrappers: { setpriv: boolean; prlimit: boolean } | undefined;

/**
 * Runs the program under resource limits. Both tools are part of every Linux; other systems have only the time limit.
 */
function limited(program: string, args: readonly string[], limits: ProgramLimits): string[] {
  wrappers ??= {
    setpriv: works('setpriv', ['--pdeathsig', 'KILL', '--', 'true']),
    prlimit: works('prlimit', ['--data=1000000000', '--', 'true']),
  };
  const cpuSeconds = Math.ceil(limits.timeMs / 1000) * 4;
  return [
    ...(wrappers.setpriv ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...(wrappers.prlimit
      ? [
          'prlimit',
          `--data=${limits.memoryBytes}`,
          `--fsize=${limits.fileBytes}`,
          `--cpu=${cpuSeconds}`,
          '--core=0',
          '--',
        ]
      : []),
    program,
    ...args,
  ];
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process has already ended.
  }
}

function readAnswer(
  stream: NodeJS.ReadableStream,
  { maxBytes, onBytes, onTooMuch }: Asked,
  kill: () => void,
): void {
  let received = 0;
  stream.on('data', (bytes: Buffer) => {
    received += bytes.length;
    if (received <= maxBytes) return onBytes(bytes);
    onTooMuch();
    kill();
  });
}

function readLines(stream: NodeJS.ReadableStream, onLine: ((line: string) => void) | undefined): void {
  let rest = '';
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop()!.slice(-longestLine);
    if (onLine) lines.forEach(onLine);
  });
  stream.on('end', () => rest !== '' && onLine?.(rest));
}
