// `/uploads`, the tus 1.0 protocol. @tus/server answers requests without bytes. Bodies are read from the native request,
// because a web stream in between costs a third of the speed, and are acknowledged only when they are safe.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { crossSiteRefusal } from '@turnover/core/people/cross-site';
import {
  reconcileUploads,
  settleArrivals,
  sweepIncoming,
  truncateToDurable,
} from '@turnover/core/uploads/recovery';
import { requireWritable } from '@turnover/core/write-gate';
import { HubError, notFound } from '@turnover/domain/errors';
import { uploadUrlOf } from '@turnover/domain/workspace/uploads';
import { Server } from '@tus/server';
import { checksumAlgorithms } from './checksum.ts';
import { ByteBudget } from './byte-budget.ts';
import { Admission, type AdmissionLimits, type Place } from './admission.ts';
import { defaultPace, type PaceLimits } from './guards.ts';
import type { TransferHub } from './hub.ts';
import { ProgressRecorder } from './progress-recorder.ts';
import { RateLimiter, type Throttle } from './rate-limiter.ts';
import { BlockPool } from './receive-blocks.ts';
import { linger, ProtocolViolation, refuse } from './refusal.ts';
import { canTakeSockets } from './socket-trial.ts';
import { isSmallWhole, receiveSmallFile } from './small-upload.ts';
import { answerBundle, bundleName, maxBundlesBytes, receiveBundle } from './upload-bundle.ts';
import { UploadLocks } from './upload-locks.ts';
import {
  carriesBody,
  hasUploadBody,
  readBodyHead,
  readPatchHead,
  receiveUpload,
  wrongBodyType,
  type Exchange,
  type ReceiveEnvironment,
} from './upload-patch.ts';
import { authorizeUpload, loadToEnd, UploadStore } from './upload-store.ts';

const version = '1.0.0';
const verbs = ['OPTIONS', 'HEAD', 'POST', 'PATCH', 'DELETE'];
export const uploadsAtOnce: AdmissionLimits = { perUser: 32, total: 256 };
const lockWaitMs = 10_000;
const reconcileEveryMs = 60_000;

export type UploadHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Truncates files to the acknowledged offset and finishes complete uploads. Call it before serving. */
  boot(): Promise<void>;
  /** The bytes of uploads that this process has received, also those that were sent again. */
  receivedBytes(): number;
  /** Ends running uploads once their bytes are safe, with an answer that makes clients retry. */
  shutdown(): Promise<void>;
};

export type UploadHandlerOptions = {
  pace?: PaceLimits;
  atOnce?: AdmissionLimits;
  /** False leaves every body to Node's HTTP parser. */
  takesSockets?: boolean;
  /** Memory of all bundles together. */
  bundleMemory?: ByteBudget;
};

export function createUploadHandler(hub: TransferHub, options: UploadHandlerOptions = {}): UploadHandler {
  const uploads = new UploadRoute(hub, options);
  let timer: NodeJS.Timeout | undefined;
  const reconcile = (): void => {
    try {
      reconcileUploads(hub.ctx);
    } catch (error) {
      hub.ctx.log('error', 'uploads.reconcileFailed', { stack: (error as Error).stack });
    }
  };
  return {
    handle: (request, response) => uploads.handle(request, response),
    async boot() {
      await uploads.trySockets();
      await settleArrivals(hub.ctx);
      await truncateToDurable(hub.ctx);
      await sweepIncoming(hub.ctx);
      reconcileUploads(hub.ctx);
      timer = setInterval(reconcile, reconcileEveryMs).unref();
    },
    receivedBytes: () => uploads.receivedBytes,
    async shutdown() {
      clearInterval(timer);
      await uploads.shutdown();
    },
  };
}

/** What all requests share. */
type SharedEnvironment = Omit<ReceiveEnvironment, 'throttle'>;

class UploadRoute {
  readonly #hub: TransferHub;
  readonly #store = new UploadStore();
  readonly #tus: Server;
  readonly #admission: Admission;
  readonly #environment: SharedEnvironment;
  readonly #rates: RateLimiter;
  /** Requests that may wait for their turn; a shutdown ends the waits. */
  readonly #waits = new Set<AbortController>();
  readonly #bundleMemory: ByteBudget;
  readonly #answering = new Set<Promise<void>>();
  #isShuttingDown = false;

  constructor(hub: TransferHub, options: UploadHandlerOptions) {
    this.#hub = hub;
    this.#admission = new Admission(options.atOnce ?? uploadsAtOnce);
    this.#rates = new RateLimiter(hub.ctx.limits.uploadRates, { clock: hub.ctx.clock });
    this.#bundleMemory = options.bundleMemory ?? new ByteBudget(maxBundlesBytes);
    this.#environment = {
      locks: new UploadLocks(lockWaitMs),
      blocks: new BlockPool(),
      progress: new ProgressRecorder(hub.ctx),
      pace: options.pace ?? defaultPace,
      takesSockets: options.takesSockets ?? true,
      running: new Set(),
    };
    this.#tus = new Server({
      path: '/uploads',
      datastore: this.#store,
      locker: this.#environment.locks,
      maxSize: () => hub.ctx.limits.maxUploadBytes,
      relativeLocation: true,
      allowedOrigins: () => false,
      onResponseError: (_request, error) => passOn(error),
    });
  }

  get receivedBytes(): number {
    return this.#rates.passedBytes;
  }

  /** Other versions of Node may lack the internals that taking over a connection needs. */
  async trySockets(): Promise<void> {
    const environment = this.#environment;
    if (!environment.takesSockets || (await canTakeSockets())) return;
    environment.takesSockets = false;
    this.#hub.ctx.log('warn', 'uploads.receivedByParser', { node: process.version });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = this.#answer(request, response).catch((error: unknown) =>
      refuse(this.#hub.ctx, request, response, error),
    );
    this.#answering.add(answer);
    await answer;
    this.#answering.delete(answer);
  }

  async shutdown(): Promise<void> {
    this.#isShuttingDown = true;
    for (const wait of this.#waits) wait.abort();
    for (const receiving of this.#environment.running) receiving.end('shutdown');
    await Promise.all(this.#answering);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Tus-Resumable', version);
    this.#requireServing();
    const method = methodOf(request);
    if (method === 'OPTIONS') return this.#answerByTus(request, response, method);
    const uploadId = uploadIdOf(request);
    const isBundle = method === 'POST' && uploadId === bundleName;
    if (!isBundle) requireVersion(request);
    const ctx = await this.#requirePerson(request, method);
    if (method === 'POST' || method === 'DELETE') await requireWritable(ctx);
    if (isBundle) {
      const { pace, running } = this.#environment;
      const authenticate = () => this.#hub.authenticate(request);
      const environment = { pace, running, memory: this.#bundleMemory, authenticate };
      return this.#admit(ctx, response, async (place, throttle) =>
        answerBundle(response, await receiveBundle(ctx, request, { ...environment, throttle }, place)),
      );
    }
    if (method === 'POST') {
      if (uploadId !== null) throw notFound();
      return this.#admit(ctx, response, (place, throttle) =>
        this.#create(ctx, { request, response }, { ...this.#environment, throttle }, place),
      );
    }
    if (method === 'DELETE') {
      loadToEnd(ctx, uploadId ?? '');
      return this.#answerByTus(request, response, method, ctx);
    }
    const upload = authorizeUpload(ctx, uploadId ?? '');
    if (method === 'HEAD') return this.#answerByTus(request, response, method, ctx, keptMetadata(upload));
    const head = readPatchHead(request);
    return this.#admit(ctx, response, async (place, throttle) => {
      const environment = { ...this.#environment, throttle };
      const offset = await receiveUpload(ctx, upload.id, { request, response }, head, environment, place);
      response.writeHead(204, { 'Upload-Offset': offset, 'Cache-Control': 'no-store' }).end();
    });
  }

  async #requirePerson(request: IncomingMessage, method: string): Promise<PersonContext> {
    const { headers } = request;
    const refusal = crossSiteRefusal({ method, headers, ownOrigins: this.#hub.ownOrigins(request) });
    if (refusal) throw refusal;
    const ctx = await this.#hub.authenticate(request);
    if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
    return ctx;
  }

  #requireServing(): void {
    if (this.#isShuttingDown) throw new HubError('unavailable', 'The hub restarts. Go on in a moment.');
  }

  /** Begins the work when the person has a place, and when the bytes that they sent before are within their rate. */
  async #admit(
    ctx: PersonContext,
    response: ServerResponse,
    work: (place: Place, throttle: Throttle) => Promise<void>,
  ): Promise<void> {
    const place = await this.#admission.enter(ctx.person.id);
    if (!place) throw new HubError('too_many_uploads', 'Too many uploads at once. Try again in a moment.');
    const wait = new AbortController();
    const leave = (): void => wait.abort();
    response.once('close', leave);
    this.#waits.add(wait);
    const throttle = this.#rates.throttleOf(ctx.person.id, wait.signal);
    try {
      await throttle(0);
      this.#requireServing();
      await work(place, throttle);
    } finally {
      leave();
      this.#waits.delete(wait);
      place.leave();
    }
  }

  async #create(
    ctx: PersonContext,
    { request, response }: Exchange,
    environment: ReceiveEnvironment,
    place: Place,
  ): Promise<void> {
    if (!hasUploadBody(request)) {
      if (carriesBody(request)) throw wrongBodyType();
      return this.#answerByTus(request, response, 'POST', ctx);
    }
    if (isSmallWhole(request)) {
      const uploadId = await receiveSmallFile(request, environment, place, () =>
        this.#hub.authenticate(request),
      );
      const headers = { Location: uploadUrlOf(uploadId), 'Upload-Offset': request.headers['content-length'] };
      response.writeHead(201, { ...headers, 'Content-Length': 0 }).end();
      return;
    }
    const head = readBodyHead(request);
    if (head.length !== null && head.length > Number(request.headers['upload-length'])) {
      throw new HubError('too_large', 'The body goes beyond the length of the upload.');
    }
    const created = await this.#askTus(request, 'POST', ctx);
    const location = created.headers.get('location') ?? '';
    response.setHeader('Location', location);
    const uploadId = location.slice(location.lastIndexOf('/') + 1);
    const offset = await receiveUpload(ctx, uploadId, { request, response }, head, environment, place);
    response.writeHead(201, { 'Upload-Offset': offset, 'Content-Length': 0 }).end();
  }

  async #answerByTus(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    ctx?: PersonContext,
    headers: Record<string, string> = {},
  ): Promise<void> {
    const answer = await this.#askTus(request, method, ctx);
    for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
    if (method === 'OPTIONS') answer.headers.set('Tus-Checksum-Algorithm', checksumAlgorithms.join(','));
    send(response, answer, method);
    linger(request);
  }

  /** Passes on protocol headers only, and never a body. Our own code parses the metadata, because tus limits its keys. */
  async #askTus(request: IncomingMessage, method: string, ctx?: PersonContext): Promise<Response> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      const isOurs = name === 'upload-metadata' || !/^(upload|tus)-/.test(name);
      if (!isOurs && typeof value === 'string') headers.set(name, value);
    }
    const ask = () =>
      this.#tus.handleWeb(new Request(new URL(request.url ?? '/', 'http://hub'), { method, headers }));
    const metadata = request.headers['upload-metadata'] as string | undefined;
    const answer = await (ctx ? this.#store.actAs({ ctx, metadata }, ask) : ask());
    if (answer.status >= 400) throw new ProtocolViolation(answer.status, (await answer.text()).trim());
    return answer;
  }
}

/** Returns the metadata as the client wrote it, including the order of its keys. */
function keptMetadata({ metadata }: Upload): Record<string, string> {
  return metadata === null ? {} : { 'Upload-Metadata': metadata };
}

/** Honours X-HTTP-Method-Override, for clients behind proxies that only let GET and POST pass. */
function methodOf(request: IncomingMessage): string {
  const override = request.headers['x-http-method-override'];
  const method = typeof override === 'string' ? override.toUpperCase() : (request.method ?? '');
  if (!verbs.includes(method))
    throw new ProtocolViolation(405, 'Not a verb of tus.', { Allow: verbs.join(', ') });
  return method;
}

function requireVersion(request: IncomingMessage): void {
  if (request.headers['tus-resumable'] === version) return;
  throw new ProtocolViolation(412, `This hub speaks tus ${version}.`, { 'Tus-Version': version });
}

/** Null for `/uploads` itself. Anything that is not one of our ids is not found later. */
function uploadIdOf(request: IncomingMessage): string | null {
  const path = (request.url ?? '').split('?', 1)[0]!;
  return /^\/uploads\/?$/.test(path) ? null : path.slice('/uploads/'.length);
}

/** Throws the error through @tus/server, so that all refusals come from one table. */
function passOn(error: Error | { status_code: number; body: string }): never {
  throw error instanceof Error ? error : new ProtocolViolation(error.status_code, error.body.trim());
}

/** Successful answers have no body. OPTIONS answers 200: the protocol allows it beside 204, and the conformance suite expects it. */
function send(response: ServerResponse, { status, headers }: Response, method: string): void {
  for (const [name, value] of headers) {
    if (name !== 'content-type' && !name.startsWith('access-control-')) response.setHeader(name, value);
  }
  if (method === 'POST' || method === 'OPTIONS') response.setHeader('Content-Length', 0);
  response.writeHead(method === 'OPTIONS' ? 200 : status).end();
}
