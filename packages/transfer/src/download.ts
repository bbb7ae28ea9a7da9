// `/files/<entry or delivered file id>`: a person's download, and with `?preview` what a page shows of the file. Both are cut
// within seconds after the person loses access.
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PersonContext } from '@turnover/core/context';
import { openDownload, openShown, type Download, type ShownKind } from '@turnover/core/assets/downloads';
import { recordDownloaded } from '@turnover/core/entries/receipts';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { previewKinds } from '@turnover/domain/media/previews';
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
  const wanted = wantedOf(request);
  const found = find(ctx, wanted);
  const place = await admission.enter(ctx.person.id);
  if (!place) throw new HubError('unavailable', 'Too many downloads at once. Try again in a moment.');
  try {
    const file = await openStored(ctx, found, wanted.fileId);
    place.run(yielding(response));
    const { name: fileName, sizeBytes, etag, shownAs } = found;
    const isStillAllowed = () => mayStill(hub, request, wanted);
    try {
      const sent = { file, fileName, sizeBytes, etag, isStillAllowed, ...(shownAs && { shownAs }) };
      const isWhole = await sendFile(request, response, sent, limits);
      if (isWhole && !shownAs && isId('entry', wanted.fileId)) record(ctx, wanted.fileId);
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

/** `shown`: undefined for a download, null for the best preview. */
type Wanted = { fileId: string; shown: ShownKind | null | undefined };

function wantedOf(request: IncomingMessage): Wanted {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const fileId = path.slice('/files/'.length);
  if (!downloadable.some((noun) => isId(noun, fileId))) throw notFound();
  return { fileId, shown: shownOf(new URLSearchParams(query).get('preview')) };
}

function shownOf(kind: string | null): Wanted['shown'] {
  if (kind === null) return undefined;
  if (kind === '') return null;
  const known = ([...previewKinds, 'original'] as const).find((each) => each === kind);
  if (!known) throw notFound();
  return known;
}

type Found = Download & { kind: ShownKind; shownAs?: string };

function find(ctx: PersonContext, { fileId, shown }: Wanted): Found {
  if (shown === undefined) return { ...openDownload(ctx, fileId), kind: 'original' };
  const { type, ...found } = openShown(ctx, fileId, shown);
  return { ...found, shownAs: type };
}

async function openStored(
  { storage, log }: PersonContext,
  { assetId, kind }: Found,
  fileId: string,
): Promise<FileHandle> {
  try {
    return await (kind === 'original' ? storage.openAsset(assetId) : storage.openPreview(assetId, kind));
  } catch (error) {
    // A backup has no previews.
    if (kind !== 'original' && (error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound();
    log('error', 'download.openFailed', { fileId, code: (error as NodeJS.ErrnoException).code });
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
async function mayStill(hub: TransferHub, request: IncomingMessage, wanted: Wanted): Promise<boolean> {
  const ctx = await hub.authenticate(request);
  if (!ctx) return false;
  try {
    find(ctx, wanted);
    return true;
  } catch {
    return false;
  }
}
