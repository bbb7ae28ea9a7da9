// Sends the bytes of a file or archive, or one range of them, as a download or as a preview. Three buffers rotate: the next read starts before the last one
// is written (2.7 times as fast as piping a read stream of 64 KiB pieces).
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readRange } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';
import type { Throttle } from './rate-limiter.ts';
import { SendMemory } from './send-memory.ts';

/** All downloads of the process share it. */
const memory = new SendMemory();

/** Bytes that can be read at any position. */
export type ByteSource = {
  /** Reads at least one byte and at most as many as the buffer holds. Never called while it is running. */
  read(buffer: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
};

export function sourceOf(file: FileHandle): ByteSource {
  return {
    async read(buffer, position) {
      // By the handle rather than its number: closing the handle waits for reads that are still running.
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error('the file is shorter than its record says');
      return bytesRead;
    },
    close: () => file.close(),
  };
}

export type Download = {
  source: ByteSource;
  fileName: string;
  sizeBytes: number;
  /** Identifies these bytes: an asset always has the same tag, and no two assets share one. */
  etag: string;
  /** Media type of the saved file. */
  type?: string;
  /** Media type under which a page shows the bytes; undefined for a download. */
  shownAs?: string;
  /** Limits the rate. */
  throttle?: Throttle;
  /** Called again while bytes flow. False cuts the download. */
  isStillAllowed(): Promise<boolean>;
};

/** What the headers say about a download. */
type Named = Omit<Download, 'source' | 'throttle' | 'isStillAllowed'>;

export type SendLimits = {
  authorizeEveryMs: number;
  /** A receiver that takes nothing for this long is disconnected. */
  inactivityMs: number;
};

export const defaultSendLimits: SendLimits = { authorizeEveryMs: 2000, inactivityMs: 60_000 };

/**
 * Answers a GET or HEAD. Returns true when the file's last byte was sent to a receiver that read everything before it.
 * The caller opens and closes the source.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  download: Download,
  limits: SendLimits = defaultSendLimits,
): Promise<boolean> {
  const { sizeBytes, etag } = download;
  setDownloadHeaders(response, download);
  if (matches(request.headers['if-none-match'], etag)) {
    response.writeHead(304).end();
    return false;
  }
  const wanted = { range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined };
  const range = request.method === 'HEAD' ? { kind: 'whole' as const } : readRange(wanted, sizeBytes, etag);
  if (range.kind === 'outside') {
    response.writeHead(416, { 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 }).end();
    return false;
  }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: sizeBytes };
  response.setHeader('Content-Length', end - start);
  if (range.kind === 'part') {
    response.writeHead(206, { 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}` });
  } else {
    response.writeHead(200);
  }
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  const isLast = end === sizeBytes && !(range.kind === 'part' && range.isTail);
  return (await sendBytes(response, download, start, end, limits)) && isLast;
}

/**
 * Lets the proxy in front of the hub send the file from `location`. Returns true when it sends the file's last byte to a receiver that has read
 * everything before it; whether the receiver takes it, nobody tells.
 */
export function handOff(
  request: IncomingMessage,
  response: ServerResponse,
  download: Named,
  location: string,
): boolean {
  const { sizeBytes, etag } = download;
  setDownloadHeaders(response, download);
  if (matches(request.headers['if-none-match'], etag)) {
    response.writeHead(304).end();
    return false;
  }
  // nginx adds its own.
  response.removeHeader('Accept-Ranges');
  response.writeHead(200, { 'X-Accel-Redirect': location, 'Content-Length': 0 }).end();
  const wanted = { range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined };
  const range = readRange(wanted, sizeBytes, etag);
  if (request.method === 'HEAD' || range.kind === 'outside') return false;
  return range.kind === 'whole' || (range.end === sizeBytes && !range.isTail);
}

function setDownloadHeaders(response: ServerResponse, download: Named): void {
  const { shownAs, type = 'application/octet-stream' } = download;
  response.setHeader('Content-Type', shownAs ?? type);
  const disposition = contentDisposition(download.fileName, shownAs ? 'inline' : 'attachment');
  response.setHeader('Content-Disposition', disposition);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  // A browser keeps the thumbnails of a list, and asks each time whether it may still show them.
  response.setHeader('Cache-Control', shownAs ? 'private, no-cache' : 'private, no-store');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', download.etag);
  // Without this, nginx buffers up to a gigabyte ahead of the receiver: the last byte would count as received too early, and
  // ending a share would not stop the bytes already buffered.
  response.setHeader('X-Accel-Buffering', 'no');
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

async function sendBytes(
  response: ServerResponse,
  download: Download,
  start: number,
  end: number,
  limits: SendLimits,
): Promise<boolean> {
  const stopWatching = cutWhenDue(response, download, limits);
  try {
    await pump(response, download, start, end, limits.inactivityMs);
    if (response.destroyed) return false;
    response.end();
    return true;
  } catch {
    // The length was already announced, so cutting the connection is the only way to signal missing bytes.
    response.destroy();
    return false;
  } finally {
    stopWatching();
  }
}

function cutWhenDue(response: ServerResponse, download: Download, limits: SendLimits): () => void {
  const cut = (): void => void response.destroy();
  const timer = setInterval(() => {
    download.isStillAllowed().then((isAllowed) => isAllowed || cut(), cut);
  }, limits.authorizeEveryMs);
  response.on('timeout', cut);
  return () => {
    clearInterval(timer);
    response.off('timeout', cut);
  };
}

async function pump(
  response: ServerResponse,
  { source, throttle }: Pick<Download, 'source' | 'throttle'>,
  start: number,
  end: number,
  inactivityMs: number,
): Promise<void> {
  const { buffers, giveBack } = memory.lend(end - start);
  const writes: Promise<void>[] = [];
  const write = writerTo(response, inactivityMs);
  // A source may take minutes to read: nobody waits for it once the receiver has left. One listener serves all reads, because a
  // promise keeps what each race adds to it until it settles.
  let leave = (): void => undefined;
  const left = (): void => leave();
  response.once('close', left);
  try {
    await throttle?.(0);
    let position = start;
    for (let turn = 0; position < end; turn++) {
      const slot = turn % buffers.length;
      await writes[slot];
      if (response.destroyed) break;
      const buffer = buffers[slot]!.subarray(0, end - position);
      const bytesRead = await new Promise<number>((resolve, reject) => {
        leave = () => resolve(0);
        source.read(buffer, position).then(resolve, reject);
      });
      if (bytesRead === 0) break;
      position += bytesRead;
      writes[slot] = write(buffer.subarray(0, bytesRead));
      await throttle?.(bytesRead);
    }
    await Promise.all(writes);
  } finally {
    response.off('close', left);
    giveBack();
  }
}

// A destroyed connection never calls back for pending writes, so this listens for its close as well. The receiver's time runs only
// while something waits for it: otherwise the hub is the slow one.
function writerTo(response: ServerResponse, inactivityMs: number): (bytes: Buffer) => Promise<void> {
  let pending = 0;
  return (bytes) =>
    new Promise((resolve) => {
      const done = (): void => {
        response.off('close', done);
        if (--pending === 0) response.setTimeout(0);
        resolve();
      };
      if (++pending === 1) response.setTimeout(inactivityMs);
      response.on('close', done);
      response.write(bytes, done);
    });
}
