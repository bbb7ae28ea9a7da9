// `/files/<id>`: a person's download of a file or, as a ZIP, of everything in a folder, sequence, request or prepared archive; with
// `?preview` what a page shows of a file. All are cut within seconds after the person loses access.
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PersonContext } from '@turnover/core/context';
import { openDownload, openShown, type Download, type ShownKind } from '@turnover/core/assets/downloads';
import { recordTaken } from '@turnover/core/audit/reads';
import { recordDownloaded } from '@turnover/core/entries/receipts';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { previewKinds } from '@turnover/domain/media/previews';
import { faultErrorOf } from '@turnover/domain/requests/system-faults';
import { noteArchiveUsed } from '@turnover/core/archives/prepared';
import { requireRequest, requireStillAllowed, type ArchiveTarget } from '@turnover/core/archives/targets';
import { Admission, type AdmissionLimits, type Yielding } from './admission.ts';
import { Archives, isArchive, listDocuments, requireArchive, type ListDocument } from './archive/archives.ts';
import type { TransferHub } from './hub.ts';
import { RateLimiter, type Throttle } from './rate-limiter.ts';
import { ProtocolViolation, refuse } from './refusal.ts';
import { defaultSendLimits, handOff, sendFile, sourceOf, type SendLimits } from './send-file.ts';
import { sendPieces } from './send-pieces.ts';

export type DownloadHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The bytes of downloads that this process has sent. Neither previews nor what a proxy sends count. */
  sentBytes(): number;
};

export type DownloadHandlerOptions = {
  limits?: SendLimits;
  atOnce?: AdmissionLimits;
  /** The location under which the proxy that passed on this request reads the vault; null: the hub sends the bytes itself. */
  vaultOf?: VaultOf;
};

type VaultOf = (request: IncomingMessage) => string | null;

export const downloadsAtOnce: AdmissionLimits = { perUser: 16, total: 64 };

export function createDownloadHandler(
  hub: TransferHub,
  options: DownloadHandlerOptions = {},
): DownloadHandler {
  const admission = new Admission(options.atOnce ?? downloadsAtOnce);
  const archives = new Archives(hub);
  const rates = new RateLimiter(hub.ctx.limits.downloadRates, { clock: hub.ctx.clock });
  const limits = options.limits ?? defaultSendLimits;
  return {
    async handle(request, response) {
      try {
        const vaultOf = options.vaultOf ?? (() => null);
        await answer({ hub, admission, archives, rates, limits, vaultOf }, request, response);
      } catch (error) {
        refuse(hub.ctx, request, response, error);
      }
    },
    sentBytes: () => rates.passedBytes,
  };
}

type Parts = {
  hub: TransferHub;
  admission: Admission;
  archives: Archives;
  rates: RateLimiter;
  limits: SendLimits;
  vaultOf: VaultOf;
};

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ProtocolViolation(405, 'Files can only be read.', { Allow: 'GET, HEAD' });
  }
  const ctx = await parts.hub.authenticate(request);
  if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
  const wanted = wantedOf(request);
  const found = find(ctx, wanted);
  const place = await parts.admission.enter(ctx.person.id);
  if (!place) throw new HubError('unavailable', 'Too many downloads at once. Try again in a moment.');
  try {
    place.run(yielding(response));
    if (found.kind === 'file') await sendOne(parts, ctx, wanted, found, request, response);
    else if (wanted.list) await sendList(parts, ctx, found, wanted.list, request, response);
    else await sendArchive(parts, ctx, wanted, found, request, response);
  } finally {
    place.leave();
  }
}

async function sendOne(
  { hub, rates, limits, vaultOf }: Parts,
  ctx: PersonContext,
  wanted: Wanted,
  found: FoundFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = await openStored(ctx, found, wanted.id);
  // Previews are what a page shows; the file itself counts, wherever it is shown.
  if (found.stored === 'original') noteTaken(ctx, request, wanted.id, { projectId: found.projectId });
  const { name: fileName, sizeBytes, etag, shownAs } = found;
  const isStillAllowed = () => mayStill(hub, request, (now) => void find(now, wanted));
  try {
    const named = { fileName, sizeBytes, etag, ...(shownAs && { shownAs }) };
    // Pages are not slowed down.
    const pace = shownAs === undefined && { throttle: throttleOf(rates, ctx, response) };
    // What a page shows is cut when access ends, so it stays with the hub, even where it is the original.
    const vault = shownAs === undefined ? vaultOf(request) : null;
    const isWhole =
      vault === null
        ? await sendFile(
            request,
            response,
            { ...named, ...pace, source: sourceOf(file), isStillAllowed },
            limits,
          )
        : handOff(request, response, named, vault + ctx.storage.vaultName(found.assetId));
    if (isWhole && !shownAs && isId('entry', wanted.id)) await recordDownloaded(ctx, [wanted.id]);
  } finally {
    await file.close();
  }
}

async function sendArchive(
  { hub, archives, rates, limits }: Parts,
  ctx: PersonContext,
  wanted: Wanted,
  { target }: FoundArchive,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { fileIds, ...archive } = await archives.open(ctx, target);
  const { projectId } = target.kind === 'entries' ? target : requireRequest(ctx, target);
  noteTaken(ctx, request, wanted.id, { projectId, round: wanted.round, files: fileIds.length });
  if (isId('archive', wanted.id)) noteArchiveUsed(ctx, wanted.id);
  // The row of a prepared archive may be deleted during the download. The download goes on while the person may read the files.
  const isStillAllowed = () => mayStill(hub, request, (now) => requireStillAllowed(now, target));
  let isWhole: boolean;
  try {
    const throttle = throttleOf(rates, ctx, response);
    const sent = { ...archive, type: 'application/zip', throttle, isStillAllowed };
    isWhole = await sendFile(request, response, sent, limits);
  } finally {
    await archive.source.close();
  }
  if (isWhole && target.kind === 'entries') await recordDownloaded(ctx, fileIds);
}

/** HEAD takes nothing. Ranges and repeats on the same day add no further entry. */
function noteTaken(
  ctx: PersonContext,
  { method }: IncomingMessage,
  subject: string,
  { projectId, ...details }: { projectId: string; round?: number | null; files?: number },
): void {
  if (method === 'GET') recordTaken(ctx, { action: 'downloads.start', subject, projectId, details });
}

function sendList(
  { hub, archives }: Parts,
  ctx: PersonContext,
  { target }: FoundArchive,
  document: ListDocument,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { type, suffix, write } = listDocuments[document];
  return archives.withList(ctx, target, (list) =>
    sendPieces(request.method, response, {
      fileName: list.name + suffix,
      type,
      pieces: write(ctx, list),
      async check() {
        if (!(await mayStill(hub, request, (now) => requireStillAllowed(now, target)))) throw notFound();
      },
    }),
  );
}

/** Waits end when the receiver leaves. */
function throttleOf(rates: RateLimiter, ctx: PersonContext, response: ServerResponse): Throttle {
  const wait = new AbortController();
  response.once('close', () => wait.abort());
  return rates.throttleOf(ctx.person.id, wait.signal);
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

const downloadable = ['entry', 'entryVersion', 'deliveredFile', 'request', 'archive'] as const;

type Wanted = {
  id: string;
  /** Kind of preview to send: null for the best one, undefined for a download of the original. */
  shown: ShownKind | null | undefined;
  /** Format of the file list to send instead of the archive itself. */
  list: ListDocument | null;
  /** Submitted round of a request; null for the files that it holds now. */
  round: number | null;
};

function wantedOf(request: IncomingMessage): Wanted {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const [id = '', document, ...rest] = path.slice('/files/'.length).split('/');
  const isKnown = document === undefined || Object.hasOwn(listDocuments, document);
  if (!isKnown || rest.length > 0 || !downloadable.some((noun) => isId(noun, id))) throw notFound();
  const asked = new URLSearchParams(query);
  return {
    id,
    shown: shownOf(asked.get('preview')),
    list: (document as ListDocument | undefined) ?? null,
    round: roundOf(asked.get('round')),
  };
}

function roundOf(number: string | null): number | null {
  if (number === null) return null;
  if (!/^[1-9]\d{0,8}$/.test(number)) throw notFound();
  return Number(number);
}

function shownOf(kind: string | null): Wanted['shown'] {
  if (kind === null) return undefined;
  if (kind === '') return null;
  const known = ([...previewKinds, 'original'] as const).find((each) => each === kind);
  if (!known) throw notFound();
  return known;
}

type FoundFile = Download & { kind: 'file'; stored: ShownKind; shownAs?: string };
type FoundArchive = { kind: 'archive'; target: ArchiveTarget };

function find(ctx: PersonContext, { id, shown, list, round }: Wanted): FoundFile | FoundArchive {
  if (shown === undefined && isArchive(ctx, id)) {
    return { kind: 'archive', target: requireArchive(ctx, id, round) };
  }
  if (list !== null || round !== null) throw notFound();
  if (shown === undefined) return { ...openDownload(ctx, id), kind: 'file', stored: 'original' };
  const { type, kind: stored, ...found } = openShown(ctx, id, shown);
  return { ...found, kind: 'file', stored, shownAs: type };
}

async function openStored(
  { storage, log }: PersonContext,
  { assetId, stored }: FoundFile,
  fileId: string,
): Promise<FileHandle> {
  try {
    return await (stored === 'original' ? storage.openAsset(assetId) : storage.openPreview(assetId, stored));
  } catch (error) {
    // A backup contains no previews.
    if (stored !== 'original' && (error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound();
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

/**
 * Returns true while the person has access. Checks the sign-in as well: it may have ended, or the person may have been
 * disabled.
 */
async function mayStill(
  hub: TransferHub,
  request: IncomingMessage,
  requireRight: (ctx: PersonContext) => void,
): Promise<boolean> {
  const ctx = await hub.authenticate(request);
  if (!ctx) return false;
  try {
    requireRight(ctx);
    return true;
  } catch {
    return false;
  }
}
