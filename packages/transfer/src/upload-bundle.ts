// `POST /uploads/bundle`: many small files in one request. Each is stored as soon as its bytes are there, and has a result of its
// own in the answer, which comes when all that it calls received survive a power cut.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, PersonContext } from '@turnover/core/context';
import { storeSmallFiles, type SmallFile } from '@turnover/core/uploads/small-files';
import { HubError } from '@turnover/domain/errors';
import type { BundleAnswer, BundleResult } from '@turnover/domain/workspace/bundles';
import type { Place } from './admission.ts';
import { BundleReader, requireBundleSize } from './bundle-reader.ts';
import type { ByteBudget } from './byte-budget.ts';
import { readPaced, type PacedEnvironment } from './paced-body.ts';
import { logWhenOurs, ProtocolViolation, refusalOf } from './refusal.ts';

/** The last part of the address, where other uploads have their id. */
export const bundleName = 'bundle';
export const bundleType = 'application/x-turnover-bundle';

const MiB = 1024 * 1024;
/** No more of one bundle is read while this much of it waits for the disk. */
const maxWaitingBytes = 8 * MiB;
/** The whole files in memory, of all bundles together. Besides, each request has at most one file that is not whole yet. */
export const maxBundlesBytes = 64 * MiB;
/** As many files are synced and committed together. */
const chunkOfFiles = 64;
const chunkOfBytes = 4 * MiB;
/** Files of a slow sender do not wait longer than this for others to share their chunk. */
const maxChunkOpenMs = 1000;

export type BundleEnvironment = PacedEnvironment & {
  /** Memory that all bundles share. */
  memory: ByteBudget;
  /** The signed-in person by now; null when the sign-in has ended. */
  authenticate(): Promise<PersonContext | null>;
};

/** Rejects when the body does not come whole. What was stored by then stays, and is found again by its key. */
export async function receiveBundle(
  ctx: Context,
  request: IncomingMessage,
  environment: BundleEnvironment,
  place: Place,
): Promise<BundleAnswer> {
  if (request.headers['content-type'] !== bundleType) {
    throw new ProtocolViolation(415, `Content-Type must be ${bundleType}.`);
  }
  // Refused before it is sent, where its length is announced.
  requireBundleSize(Number(request.headers['content-length'] ?? 0));
  const chunks = new Chunks(environment.memory, (files) => store(ctx, request, environment, files));
  const reader = new BundleReader(({ key, ...input }, bytes) => chunks.add({ input, bytes, key }));
  try {
    await readPaced(request, environment, place, (piece) => {
      reader.accept(piece);
      return chunks.room();
    });
    reader.end();
  } finally {
    // What came before a break counts. Nothing goes on after the answer, and the place is taken until then.
    await chunks.end();
  }
  return { files: await chunks.end() };
}

/** Collects the files of one bundle into chunks, and stores each when it is full or has been open for long. */
class Chunks {
  readonly #memory: ByteBudget;
  readonly #store: (files: readonly SmallFile[]) => Promise<BundleResult[]>;
  readonly #results: Promise<BundleResult[]>[] = [];
  #open: SmallFile[] = [];
  #openBytes = 0;
  #waitingBytes = 0;
  #room: PromiseWithResolvers<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(memory: ByteBudget, store: (files: readonly SmallFile[]) => Promise<BundleResult[]>) {
    this.#memory = memory;
    this.#store = store;
  }

  add(file: SmallFile): void {
    this.#memory.take(file.bytes.length);
    this.#open.push(file);
    this.#openBytes += file.bytes.length;
    this.#timer ??= setTimeout(() => this.#storeOpen(), maxChunkOpenMs);
    if (this.#openBytes >= chunkOfBytes || this.#open.length >= chunkOfFiles) this.#storeOpen();
  }

  /** Undefined when more may be read at once. */
  room(): Promise<void> | undefined {
    if (this.#memory.isSpent) {
      // Everybody who waits gives back what they hold, so that nobody waits for ever.
      this.#storeOpen();
      return this.#memory.room();
    }
    if (this.#waitingBytes < maxWaitingBytes) return undefined;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  /** Stores the rest, and resolves with the results of all files. */
  async end(): Promise<BundleResult[]> {
    this.#storeOpen();
    return (await Promise.all(this.#results)).flat();
  }

  #storeOpen(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.length === 0) return;
    const [files, bytes] = [this.#open, this.#openBytes];
    this.#open = [];
    this.#openBytes = 0;
    this.#waitingBytes += bytes;
    const stored = this.#store(files).finally(() => {
      this.#memory.give(bytes);
      this.#waitingBytes -= bytes;
      if (this.#waitingBytes < maxWaitingBytes) this.#room?.resolve();
    });
    this.#results.push(stored);
  }
}

export function answerBundle(response: ServerResponse, answer: BundleAnswer): void {
  const body = `${JSON.stringify(answer)}\n`;
  response
    .writeHead(200, {
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    })
    .end(body);
}

/** Never rejects: one refused file does not keep the others out. */
async function store(
  ctx: Context,
  request: IncomingMessage,
  { authenticate }: BundleEnvironment,
  files: readonly SmallFile[],
): Promise<BundleResult[]> {
  const results = await storeAs(authenticate, files).catch((reason: unknown) =>
    files.map(() => ({ status: 'rejected' as const, reason })),
  );
  return results.map((result) => {
    if (result.status === 'fulfilled') return { received: true, uploadId: result.value };
    logWhenOurs(ctx, request, result.reason);
    const { code, message, details } = refusalOf(result.reason);
    return { received: false, code, message, details };
  });
}

/** The sender of a long bundle may have been signed out since it began. */
async function storeAs(authenticate: BundleEnvironment['authenticate'], files: readonly SmallFile[]) {
  const ctx = await authenticate();
  if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
  return storeSmallFiles(ctx, files);
}
