// `POST /uploads/bundle`: many small files in one request. Each is stored as soon as its bytes are there, and has a result of its
// own in the answer, which comes when all that it calls received survive a power cut.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PersonContext } from '@turnover/core/context';
import { storeSmallFiles, type SmallFile } from '@turnover/core/uploads/small-files';
import type { BundleAnswer, BundleResult } from '@turnover/domain/workspace/bundles';
import type { Place } from './admission.ts';
import { BundleReader, requireBundleSize } from './bundle-reader.ts';
import { readPaced } from './paced-body.ts';
import { logWhenOurs, ProtocolViolation, refusalOf } from './refusal.ts';
import type { ReceiveEnvironment } from './upload-patch.ts';

/** The last part of the address, where other uploads have their id. */
export const bundleName = 'bundle';
export const bundleType = 'application/x-turnover-bundle';

/** No more is read while this much waits for the disk. */
const maxWaitingBytes = 8 * 1024 * 1024;
/** As many files are synced and committed together. */
const chunkOfFiles = 64;
const chunkOfBytes = 4 * 1024 * 1024;

/** Rejects when the body does not come whole. What was stored by then stays, and is found again by its key. */
export async function receiveBundle(
  ctx: PersonContext,
  request: IncomingMessage,
  environment: Pick<ReceiveEnvironment, 'pace' | 'running'>,
  place: Place,
): Promise<BundleAnswer> {
  if (request.headers['content-type'] !== bundleType) {
    throw new ProtocolViolation(415, `Content-Type must be ${bundleType}.`);
  }
  // Refused before it is sent, where its length is announced.
  requireBundleSize(Number(request.headers['content-length'] ?? 0));
  const results: Promise<BundleResult[]>[] = [];
  let waitingBytes = 0;
  let room: PromiseWithResolvers<void> | null = null;
  let chunk: SmallFile[] = [];
  let chunkBytes = 0;
  const storeChunk = (): void => {
    if (chunk.length === 0) return;
    const bytes = chunkBytes;
    waitingBytes += bytes;
    const stored = store(ctx, request, chunk).finally(() => {
      waitingBytes -= bytes;
      if (waitingBytes < maxWaitingBytes) room?.resolve();
    });
    results.push(stored);
    chunk = [];
    chunkBytes = 0;
  };
  const reader = new BundleReader(({ key, ...input }, bytes) => {
    chunk.push({ input, bytes, key });
    chunkBytes += bytes.length;
    if (chunkBytes >= chunkOfBytes || chunk.length >= chunkOfFiles) storeChunk();
  });
  try {
    await readPaced(request, environment, place, (piece) => {
      reader.accept(piece);
      if (waitingBytes < maxWaitingBytes) return undefined;
      room = Promise.withResolvers();
      return room.promise;
    });
    reader.end();
  } finally {
    // What came before a break counts. Nothing goes on after the answer, and the place is taken until then.
    storeChunk();
    await Promise.all(results);
  }
  return { files: (await Promise.all(results)).flat() };
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
  ctx: PersonContext,
  request: IncomingMessage,
  files: readonly SmallFile[],
): Promise<BundleResult[]> {
  const results = await storeSmallFiles(ctx, files).catch((reason: unknown) =>
    files.map(() => ({ status: 'rejected' as const, reason })),
  );
  return results.map((result) => {
    if (result.status === 'fulfilled') return { received: true, uploadId: result.value };
    logWhenOurs(ctx, request, result.reason);
    const { code, message, details } = refusalOf(result.reason);
    return { received: false, code, message, details };
  });
}
