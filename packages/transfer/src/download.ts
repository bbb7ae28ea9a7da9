// `/files/<entry or delivered file id>`: a person's download, cut within seconds after they lose access.
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PersonContext } from '@turnover/core/context';
import { openDownload } from '@turnover/core/assets/downloads';
import { recordDownloaded } from '@turnover/core/entries/receipts';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { faultErrorOf } from '@turnover/domain/requests/system-faults';
import { Admission, type AdmissionLimits, type Yielding } from './admission.ts';
import type { TransferHub } from './hub.ts';
import { ProtocolViolation, refuse } from './refusal.ts';
import { defaultSendLimits, sendFile, type SendLimits } from './send-file.ts';

export type DownloadHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

export type DownloadHandlerOptions = { limits?: SendLimits; atOnce?: AdmissionLimits };

/** Each download uses three buffers of 2 MiB. */
const atOnce: AdmissionLimits = { perUser: 16, total: 64 };

export function createDownloadHandler(
  hub: TransferHub,
  options: DownloadHandlerOptions = {},
): DownloadHandler {
  const admission = new Admission(options.atOnce ?? atOnce);
  const limits = options.limits ?? defaultSendLimits;
  return {
    async handle(request, response) {
      try {
        await answer(hub, admission, limits, request, response);
      } catch (error) {
        refuse(hub.ctx, request, response, error);
      }
    },
  };
}

async function answer(
  hub: TransferHub,
  admission: Admission,
  limits: SendLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ProtocolViolation(405, 'Files can only be read.', { Allow: 'GET, HEAD' });
  }
  const ctx = await hub.authenticate(request);
  if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
  const fileId = fileIdOf(request);
  const download = openDownload(ctx, fileId);
  const place = await admission.enter(ctx.person.id);
  if (!place) throw new HubError('unavailable', 'Too many downloads at once. Try again in a moment.');
  try {
    const file = await openStored(ctx, download.assetId, fileId);
    place.run(yielding(response));
    const { name: fileName, sizeBytes, etag } = download;
    const isStillAllowed = () => mayStill(hub, request, fileId);
    try {
      const sent = { file, fileName, sizeBytes, etag, isStillAllowed };
      const isWhole = await sendFile(request, response, sent, limits);
      if (isWhole && isId('entry', fileId)) record(ctx, fileId);
    } finally {
      await file.close();
    }
  } finally {
    place.leave();
  }
}

/** A client resumes a cut download with a range request, so it keeps the bytes it has. */
function yielding(response: ServerResponse): Yielding {
  const { socket } = response;
  const began = performance.now();
  const sentBefore = socket?.bytesWritten ?? 0;
  return {
    get bytesPerSecond() {
      const elapsedMs = performance.now() - began;
      const sent = (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0) - sentBefore;
      return elapsedMs < 2000 ? Infinity : (sent * 1000) / elapsedMs;
    },
    makeWay: () => void response.destroy(),
  };
}

/** All bytes have been sent. When access ended at that moment, the download stays uncounted and no error is raised. */
function record(ctx: PersonContext, entryId: string): void {
  try {
    recordDownloaded(ctx, entryId);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
  }
}

const downloadable = ['entry', 'entryVersion', 'deliveredFile'] as const;

function fileIdOf(request: IncomingMessage): string {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const fileId = path.slice('/files/'.length);
  const isKnownKind = downloadable.some((noun) => isId(noun, fileId));
  // There are no previews yet, and a client must not mistake the original for one.
  if (!isKnownKind || new URLSearchParams(query).has('preview')) throw notFound();
  return fileId;
}

async function openStored(ctx: PersonContext, assetId: string, fileId: string): Promise<FileHandle> {
  try {
    return await ctx.storage.openAsset(assetId);
  } catch (error) {
    ctx.log('error', 'download.openFailed', { fileId, code: (error as NodeJS.ErrnoException).code });
    throw (
      faultErrorOf(error) ??
      new HubError(
        'unavailable',
        'The hub could not read this file. Try again, or contact an owner of the hub.',
      )
    );
  }
}

/** Checks the sign-in as well: it may have ended since, or the person may have been disabled. */
async function mayStill(hub: TransferHub, request: IncomingMessage, fileId: string): Promise<boolean> {
  const ctx = await hub.authenticate(request);
  if (!ctx) return false;
  try {
    openDownload(ctx, fileId);
    return true;
  } catch {
    return false;
  }
}
