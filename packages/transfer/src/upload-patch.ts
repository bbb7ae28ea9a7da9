// Receives the body of one request into one upload: under its lock, from the recorded offset, until its bytes are safe.
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { crashpoint } from '@turnover/core/crashpoints';
import { finishAtOffset, finishUpload, recordDurableOffset } from '@turnover/core/uploads/completion';
import { reserveAnew } from '@turnover/core/uploads/space';
import { HubError } from '@turnover/domain/errors';
import { faultError, faultErrorOf } from '@turnover/domain/requests/system-faults';
import type { Place } from './admission.ts';
import { checksumAlgorithms, fileHasChecksum, parseChecksum, type ChunkChecksum } from './checksum.ts';
import type { PaceLimits } from './guards.ts';
import type { ProgressRecorder } from './progress-recorder.ts';
import type { Throttle } from './rate-limiter.ts';
import type { BlockPool } from './receive-blocks.ts';
import { Receiving, type ReceiveEnd } from './receive-body.ts';
import { Disconnected, ProtocolViolation } from './refusal.ts';
import type { UploadLock, UploadLocks } from './upload-locks.ts';
import { authorizeUpload, requireLive } from './upload-store.ts';

const bodyType = 'application/offset+octet-stream';
/** A sender that has been silent for this long hands over to another request for the same upload. */
const quietMs = 1000;
/**
 * All slow senders together are synced at most eight times a second. Each sync occupies the disk: 72 senders of
 * 1.5 kB/s made other people's changes three times slower (measured).
 */
const slowSyncSpacingMs = 125;

export type ReceiveEnvironment = {
  locks: UploadLocks;
  blocks: BlockPool;
  progress: ProgressRecorder;
  pace: PaceLimits;
  /** Limits the rate of this sender. */
  throttle: Throttle;
  /** Whether large bodies may bypass the HTTP parser. */
  takesSockets: boolean;
  /** The bodies being received; a shutdown ends them. */
  running: Set<Pick<Receiving, 'end'>>;
};

/** A request and its answer. */
export type Exchange = { request: IncomingMessage; response: ServerResponse };

/** Length, offset and checksum of a body, as its request headers state them. */
export type BodyHead = { offset: number; length: number | null; checksum: ChecksumSource | null };

/** The checksum itself, or the announcement of one in a trailer. */
type ChecksumSource = ChunkChecksum | 'trailer';

export function readPatchHead(request: IncomingMessage): BodyHead {
  if (!hasUploadBody(request)) throw wrongBodyType();
  const offset = request.headers['upload-offset'];
  if (typeof offset !== 'string' || !/^\d{1,15}$/.test(offset)) {
    throw new ProtocolViolation(400, 'Upload-Offset must be a whole number of bytes.');
  }
  return { ...readBodyHead(request), offset: Number(offset) };
}

/** The body of a POST starts at offset 0. */
export function readBodyHead(request: IncomingMessage): BodyHead {
  const length = request.headers['content-length'];
  return { offset: 0, length: length === undefined ? null : Number(length), checksum: readChecksum(request) };
}

export function hasUploadBody(request: IncomingMessage): boolean {
  return request.headers['content-type'] === bodyType;
}

/** Whether a body may follow; a chunked request may always have one. */
export function carriesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export function wrongBodyType(): ProtocolViolation {
  return new ProtocolViolation(415, `Content-Type must be ${bodyType}.`);
}

/** Returns the offset below which all bytes are safe. Rejects when that is not the end of the body. */
export async function receiveUpload(
  ctx: PersonContext,
  uploadId: string,
  exchange: Exchange,
  head: BodyHead,
  environment: ReceiveEnvironment,
  place: Place,
): Promise<number> {
  const lock = await environment.locks.acquire(uploadId, 'when-silent');
  try {
    const upload = requireLive(authorizeUpload(ctx, uploadId));
    requireFit(upload, head);
    if (head.length !== 0) await reserveAnew(ctx, upload);
    const offset = await receiveBody(ctx, upload, exchange, head, environment, lock, place);
    requireLive(authorizeUpload(ctx, uploadId));
    if (offset === upload.sizeBytes) finishUpload(ctx, uploadId);
    return offset;
  } finally {
    lock.release();
  }
}

function requireFit(upload: Upload, { offset, length }: BodyHead): void {
  if (offset !== upload.durableOffset) {
    throw new HubError('wrong_offset', 'The upload continues at another offset.', {
      offset: upload.durableOffset,
    });
  }
  if (offset + (length ?? 0) > upload.sizeBytes) throw tooLong(offset);
}

async function receiveBody(
  ctx: PersonContext,
  upload: Upload,
  exchange: Exchange,
  head: BodyHead,
  environment: ReceiveEnvironment,
  lock: UploadLock,
  place: Place,
): Promise<number> {
  if (upload.status !== 'uploading' || head.length === 0) return upload.durableOffset;
  if (ctx.storage.isSpaceLow()) throw noSpace(upload.durableOffset);
  const file = await openPart(ctx, upload);
  let mayBeRecorded = false;
  try {
    const receiving = new Receiving({
      ...exchange,
      bodyBytes: head.length,
      takesSockets: environment.takesSockets,
      fd: file.fd,
      offset: head.offset,
      length: upload.sizeBytes,
      blocks: environment.blocks,
      pace: environment.pace,
      onProgress: (offset, fail) => environment.progress.note(upload.id, offset, fail),
      throttle: environment.throttle,
      onDurable: (offset) => {
        environment.progress.forget(upload.id);
        crashpoint('upload.afterSync');
        // Even when this throws: a refused completion records the offset, and a failed commit may have reached the disk.
        mayBeRecorded = true;
        // Without a known length, more bytes may follow, and an upload that is too long must not complete.
        if (offset === upload.sizeBytes && head.length !== null) finishAtOffset(ctx, upload.id, offset);
        else recordDurableOffset(ctx, upload.id, offset);
        crashpoint('upload.afterOffset');
      },
      isSpaceLow: () => ctx.storage.isSpaceLow(),
      flushEveryMs: () => environment.running.size * slowSyncSpacingMs,
      verify: verification(file, exchange.request, head),
    });
    place.run({
      get bytesPerSecond() {
        return receiving.bytesPerSecond;
      },
      makeWay: () => receiving.end('making-way'),
    });
    const { end, durableOffset } = await whileRunning(receiving, environment.running, lock);
    if (end !== 'complete') throw endings[end](durableOffset);
    return durableOffset;
  } catch (error) {
    // The file must not hold bytes that do not count, because recovery may look at the file without its record.
    if (head.checksum !== null && !mayBeRecorded) await file.truncate(head.offset).catch(() => {});
    throw error;
  } finally {
    // The next request may begin below an offset that waits to be recorded.
    environment.progress.forget(upload.id);
    await file.close();
  }
}

async function openPart(ctx: PersonContext, upload: Upload): Promise<FileHandle> {
  try {
    return await ctx.storage.openIncoming(upload.id);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const fault = faultErrorOf(error);
      if (!fault) throw error;
      throw new HubError(fault.code, fault.message, { ...fault.details, offset: upload.durableOffset });
    }
    ctx.log('error', 'upload.fileMissing', { uploadId: upload.id });
    throw new HubError('upload_gone', 'The bytes of this upload are no longer there. Begin it anew.');
  }
}

async function whileRunning(receiving: Receiving, running: ReceiveEnvironment['running'], lock: UploadLock) {
  running.add(receiving);
  let watch: NodeJS.Timeout | undefined;
  lock.onWanted(() => {
    if (lock.wanted === 'soon') receiving.end('handed-over');
    watch ??= setInterval(() => {
      if (lock.wanted !== null && receiving.silentForMs >= quietMs) receiving.end('handed-over');
    }, quietMs / 4);
  });
  try {
    return await receiving.done;
  } finally {
    clearInterval(watch);
    running.delete(receiving);
  }
}

function verification(file: FileHandle, request: IncomingMessage, { checksum }: BodyHead) {
  if (checksum === null) return undefined;
  return async (from: number, to: number): Promise<boolean> => {
    const trailer = request.trailers['upload-checksum'];
    const wanted = checksum === 'trailer' ? parseChecksum(String(trailer ?? '')) : checksum;
    if (wanted === null) throw unreadableChecksum();
    return fileHasChecksum(file.fd, from, to, wanted);
  };
}

function readChecksum(request: IncomingMessage): ChecksumSource | null {
  const header = request.headers['upload-checksum'];
  if (header === undefined) return isPromisedAsTrailer(request) ? 'trailer' : null;
  const checksum = parseChecksum(String(header));
  if (checksum === null) throw unreadableChecksum();
  return checksum;
}

function isPromisedAsTrailer(request: IncomingMessage): boolean {
  const names = String(request.headers.trailer ?? '').split(',');
  return names.some((name) => name.trim().toLowerCase() === 'upload-checksum');
}

function unreadableChecksum(): ProtocolViolation {
  const algorithms = checksumAlgorithms.join(', ');
  return new ProtocolViolation(400, `Upload-Checksum must be one of ${algorithms} and its digest in base64.`);
}

/** The disk is full except for the space reserved for the database. */
function noSpace(offset: number): HubError {
  const { code, message, details } = faultError('disk_full');
  return new HubError(code, message, { ...details, offset });
}

function tooLong(offset: number): HubError {
  return new HubError('too_large', 'The body goes beyond the length of the upload.', { offset });
}

const endings: Record<Exclude<ReceiveEnd, 'complete'>, (offset: number) => Error> = {
  disconnected: () => new Disconnected(),
  silent: (offset) => new HubError('unavailable', 'No bytes came for a while.', { offset }),
  'too-slow': (offset) => new HubError('unavailable', 'The bytes came too slowly.', { offset }),
  'too-long': tooLong,
  'no-space': noSpace,
  mismatch: (offset) =>
    new HubError('checksum_mismatch', 'The bytes that came do not have their checksum.', { offset }),
  'handed-over': (offset) =>
    new HubError('upload_locked', 'Another request goes on with this upload.', { offset }),
  'making-way': (offset) =>
    new HubError('too_many_uploads', 'Others wait for a place. Go on in a moment.', { offset }),
  shutdown: (offset) => new HubError('unavailable', 'The hub restarts. Go on in a moment.', { offset }),
};
