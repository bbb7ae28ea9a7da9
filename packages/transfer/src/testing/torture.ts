// Senders that keep uploading through every kill of the server, and a ledger, kept outside it, of what it acknowledged.
import { fork, type ChildProcess } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { ask, tus, type Answer } from './transfers.ts';

/** The flags an installation starts its web process with. */
const execArgv = ['--max-semi-space-size=8'];
const hubScript = new URL('./hub-process.ts', import.meta.url).pathname;

export type StartOptions = { crashpoint?: Crashpoint | undefined; env?: NodeJS.ProcessEnv };

export class KillableServer {
  readonly #dataFolder: string;
  readonly #script: string;
  #process: ChildProcess | null = null;
  port = 0;
  starts = 0;

  constructor(dataFolder: string, script = hubScript) {
    this.#dataFolder = dataFolder;
    this.#script = script;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start({ crashpoint, env }: StartOptions = {}): Promise<void> {
    const args = crashpoint === undefined ? [this.#dataFolder] : [this.#dataFolder, crashpoint];
    const child = fork(this.#script, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv,
      ...(env && { env }),
    });
    this.#process = child;
    const died = once(child, 'exit').then(() =>
      Promise.reject(new Error('the server died while it started')),
    );
    const [message] = (await Promise.race([once(child, 'message'), died])) as [{ port: number }];
    died.catch(() => undefined);
    this.port = message.port;
    this.starts++;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Stops it in the middle of whatever it does. Only `kill` ends that. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  async died(): Promise<void> {
    if (this.#process && this.#process.signalCode === null) await once(this.#process, 'exit');
  }
}

/** Bytes that differ from file to file, without memory for each of hundreds of files, and are the same in each run. */
let shared: Buffer = Buffer.alloc(0);
let senders = 0;
function bytesOf(sizeBytes: number): Buffer {
  const room = 1024 * 1024;
  if (shared.length < sizeBytes + room) shared = mixedBytes(sizeBytes + room);
  const at = (++senders * 4099) % room;
  return shared.subarray(at, at + sizeBytes);
}

function mixedBytes(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The offsets one sender sent and got acknowledged. */
export type Ledger = { path: string; sentTo: number; acknowledged: number; steps: number };

export class Sender {
  readonly ledger: Ledger;
  readonly bytes: Buffer;
  readonly #server: KillableServer;
  readonly #token: string;
  readonly #chunkBytes: number;
  #isStopped = false;

  constructor(server: KillableServer, token: string, path: string, sizeBytes: number, chunkBytes: number) {
    this.#server = server;
    this.#token = token;
    this.#chunkBytes = chunkBytes;
    this.bytes = bytesOf(sizeBytes);
    this.ledger = { path, sentTo: 0, acknowledged: 0, steps: 0 };
  }

  get sha256(): string {
    return createHash('sha256').update(this.bytes).digest('hex');
  }

  /** Ends `sendAll` at the next answer, or at the end of the connection. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Sends until the server reports the whole file as received. */
  async sendAll(): Promise<void> {
    while (!this.#isStopped) {
      const offset = await this.#askOffset();
      if (offset === this.bytes.length) return;
      await this.#sendFrom(offset);
    }
  }

  async #askOffset(): Promise<number> {
    while (!this.#isStopped) {
      const answer = await this.#ask('HEAD', {});
      if (answer?.status === 200) return this.#note(Number(answer.headers['upload-offset']));
      if (answer && answer.status < 500 && answer.status !== 423)
        throw new Error(`HEAD answered ${answer.status}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.bytes.length;
  }

  async #sendFrom(offset: number): Promise<void> {
    for (let at = offset; at < this.bytes.length && !this.#isStopped;) {
      const chunk = this.bytes.subarray(at, at + this.#chunkBytes);
      this.ledger.sentTo = Math.max(this.ledger.sentTo, at + chunk.length);
      const headers = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': at };
      const answer = await this.#ask('PATCH', headers, chunk);
      if (answer?.status !== 204) return;
      at = this.#note(Number(answer.headers['upload-offset']));
    }
  }

  /** The promise under test: the offset is never less than was acknowledged and never more than was sent. */
  #note(offset: number): number {
    const { acknowledged, sentTo, path } = this.ledger;
    if (offset < acknowledged || offset > sentTo) {
      throw new Error(
        `${path}: the server reported ${offset} after ${acknowledged} was acknowledged and ${sentTo} sent`,
      );
    }
    this.ledger.acknowledged = offset;
    this.ledger.steps++;
    return offset;
  }

  async #ask(
    method: string,
    headers: Record<string, string | number>,
    body?: Buffer,
  ): Promise<Answer | null> {
    const all = { ...tus, Authorization: `Bearer ${this.#token}`, ...headers };
    return ask(this.#server.port, method, this.ledger.path, { headers: all, body }).catch(() => null);
  }
}

export type TortureOptions = {
  uploads: number;
  sizeBytes: number;
  chunkBytes: number;
  kills: number;
  /** Returns a number from 0 to 1. Seeded, so that a failure can be reproduced. */
  random(): number;
};

/** Each sender sends file after file until the last kill, then finishes its file. Returns all senders. */
export async function torture(
  server: KillableServer,
  begin: () => Promise<string>,
  token: string,
  options: TortureOptions,
): Promise<Sender[]> {
  // Drawn before anything runs at once, so that the same seed waits the same times.
  const pauses = Array.from({ length: options.kills }, () => 20 + options.random() * 380);
  const senders: Sender[] = [];
  let isOver = false;
  let hasFailed = false;
  await server.start();
  const sendOn = async (): Promise<void> => {
    do {
      const path = await begin();
      if (hasFailed) return;
      const sender = new Sender(server, token, path, options.sizeBytes, options.chunkBytes);
      senders.push(sender);
      await sender.sendAll();
    } while (!isOver);
  };
  const killOn = async (): Promise<void> => {
    for (const pauseMs of pauses) {
      if (hasFailed) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await server.kill();
      await server.start();
    }
    isOver = true;
  };
  const running = [killOn(), ...Array.from({ length: options.uploads }, sendOn)];
  try {
    await Promise.all(running);
  } catch (error) {
    // Ends everything that runs, because nothing may start the server again that the caller kills.
    hasFailed = true;
    isOver = true;
    for (const sender of senders) sender.stop();
    await Promise.allSettled(running);
    throw error;
  }
  return senders;
}
