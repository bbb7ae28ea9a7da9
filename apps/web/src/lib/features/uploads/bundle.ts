/**
 * Sends many small files in one request, each with its own result. A request that breaks is sent again: the hub finds the files
 * that had arrived by their keys, and stores none twice.
 */
import type { BundleAnswer, BundledFileInput } from '@turnover/domain/workspace/bundles';
import type { ReportedError } from '#lib/reported-error.ts';
import { reportIn, type Answer } from './hub-answer.ts';
import { pieces as sessionPieces, type Pieces } from './pieces.ts';
import { isCutShort, isWorthRetrying, retryDelaysMs } from './retry.ts';

/** A file of a bundle. While it is a member, the bundle decides when its bytes are sent. */
export type Member = {
  readonly file: File;
  readonly bundleHead: Partial<BundledFileInput>;
  joined(bundle: Bundle): void;
  sent(bytes: number): void;
  /** The bundle is sent again by itself; undefined when nobody answered. */
  delayed(report: ReportedError | undefined): void;
  received(uploadId: string): void;
  refused(report: ReportedError): void;
  /** The file can no longer be read. */
  lost(): void;
  /** The bundle has ended without a result for this file. */
  released(): void;
};

export type Post = (
  body: Blob,
  onprogress: (sentBytes: number) => void,
  signal: AbortSignal,
) => Promise<Answer | null>;

export type BundleEvents = {
  /** The hub, or a proxy, takes no bundles. */
  onrefused: () => void;
  /** A proxy refused larger bodies, and bodies of this size work. */
  onsmaller: (bytes: number) => void;
};

/** Parts of a bundle that tests replace. */
type Options = { post?: Post; pieces?: Pieces; delaysMs?: readonly number[] };

export class Bundle {
  readonly #members: readonly Member[];
  readonly #events: BundleEvents;
  readonly #post: Post;
  readonly #pieces: Pieces;
  readonly #delaysMs: readonly number[];
  readonly #ending = new AbortController();
  #attempts = 0;
  /** The number of requests that were cut while their body was sent. */
  #cut = 0;
  #retrying: ReturnType<typeof setTimeout> | undefined;

  constructor(members: readonly Member[], events: BundleEvents, options: Options = {}) {
    this.#members = members;
    this.#events = events;
    this.#post = options.post ?? postByBrowser;
    this.#pieces = options.pieces ?? sessionPieces;
    this.#delaysMs = options.delaysMs ?? retryDelaysMs;
  }

  start(): void {
    for (const member of this.#members) member.joined(this);
    void this.#send();
  }

  /** Takes a file out. The others wait for another bundle, because a request cannot leave a file out once it has begun. */
  leave(leaver: Member): void {
    if (this.#ending.signal.aborted) return;
    this.#end();
    for (const member of this.#members) if (member !== leaver) member.released();
  }

  /** Sends now what waits to be sent again. */
  hurry(): void {
    if (this.#retrying === undefined) return;
    clearTimeout(this.#retrying);
    void this.#send();
  }

  async #send(): Promise<void> {
    this.#retrying = undefined;
    const { signal } = this.#ending;
    const body = bodyOf(this.#members);
    let sentBytes = 0;
    const progress = progressOf(this.#members);
    const answer = await this.#post(
      body,
      (bytes) => {
        sentBytes = bytes;
        if (!signal.aborted) progress(bytes);
      },
      signal,
    );
    if (signal.aborted) return;
    if (answer?.isOfHub) return this.#answered(answer);
    const status = answer?.status ?? 0;
    if (isCutShort(status) && sentBytes > 0) this.#cut++;
    // One or two cut connections may be chance, or a restart of the hub.
    if (status === 413 || this.#cut >= 3) this.#shrink(body.size);
    else await this.#sendLater(undefined);
  }

  #answered(answer: Answer): Promise<void> | void {
    const results = answer.status === 200 ? resultsIn(answer.body) : null;
    if (results?.length === this.#members.length) return this.#finish(results);
    const report = reportIn(answer);
    if (answer.status === 401) {
      this.#end();
      for (const member of this.#members) member.refused(report);
    } else if (isWorthRetrying(answer.status)) return this.#sendLater(report);
    else this.#giveUp();
  }

  #finish(results: BundleAnswer['files']): void {
    this.#end();
    const smaller = this.#pieces.takeNews();
    if (smaller !== null) this.#events.onsmaller(smaller);
    for (const [index, member] of this.#members.entries()) {
      const result = results[index]!;
      if (result.received) member.received(result.uploadId);
      else member.refused(result);
    }
  }

  async #sendLater(report: ReportedError | undefined): Promise<void> {
    const delayMs = this.#delaysMs[Math.min(this.#attempts++, this.#delaysMs.length - 1)];
    for (const member of this.#members) member.delayed(report);
    this.#retrying = setTimeout(() => void this.#send(), delayMs);
    // A changed or removed file looks like a broken connection, and would break every further request.
    const lost = await unreadable(this.#members);
    if (lost.length === 0 || this.#ending.signal.aborted) return;
    this.#end();
    for (const member of this.#members) {
      if (lost.includes(member)) member.lost();
      else member.released();
    }
  }

  /** The next bundles are smaller, as are the pieces of large files: a proxy does not tell them apart. */
  #shrink(triedBytes: number): void {
    if (!this.#pieces.shrink(triedBytes)) return this.#giveUp();
    this.#end();
    for (const member of this.#members) member.released();
  }

  #giveUp(): void {
    this.#end();
    this.#events.onrefused();
    for (const member of this.#members) member.released();
  }

  #end(): void {
    clearTimeout(this.#retrying);
    this.#retrying = undefined;
    this.#ending.abort();
  }
}

type Described = Pick<Member, 'file' | 'bundleHead'>;

function lineOf({ file, bundleHead }: Described): string {
  return `${JSON.stringify({ ...bundleHead, sizeBytes: file.size })}\n`;
}

export function lineBytesOf(member: Described): number {
  return new TextEncoder().encode(lineOf(member)).length;
}

/** The browser reads the files while it sends them. */
function bodyOf(members: readonly Member[]): Blob {
  return new Blob(members.flatMap((member) => [lineOf(member), member.file]));
}

/** Returns a function that tells each member how much of its file is among the sent bytes of the body. */
function progressOf(members: readonly Member[]): (sentBytes: number) => void {
  let next = 0;
  let nextFrom = 0;
  const lineBytes = members.map(lineBytesOf);
  return (sentBytes) => {
    for (; next < members.length; next++) {
      const { size } = members[next]!.file;
      const sent = Math.max(0, Math.min(size, sentBytes - nextFrom - lineBytes[next]!));
      if (sent > 0) members[next]!.sent(sent);
      if (sentBytes < nextFrom + lineBytes[next]! + size) return;
      nextFrom += lineBytes[next]! + size;
    }
  };
}

function resultsIn(body: string): BundleAnswer['files'] | null {
  try {
    return (JSON.parse(body) as BundleAnswer).files;
  } catch {
    return null;
  }
}

async function unreadable(members: readonly Member[]): Promise<Member[]> {
  const reads = await Promise.allSettled(members.map(({ file }) => file.slice(0, 1).arrayBuffer()));
  return members.filter((_, index) => reads[index]!.status === 'rejected');
}

/** `fetch` does not tell how much of a body was sent. Resolves with null when nobody answered. */
const postByBrowser: Post = (body, onprogress, signal) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/uploads/bundle');
    request.setRequestHeader('Content-Type', 'application/x-turnover-bundle');
    request.setRequestHeader('x-turnover', 'web');
    request.upload.onprogress = ({ loaded }) => onprogress(loaded);
    request.onload = () => {
      const isOfHub = request.getResponseHeader('Tus-Resumable') !== null;
      resolve({ status: request.status, isOfHub, body: request.responseText });
    };
    request.onerror = () => resolve(null);
    request.onabort = () => resolve(null);
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
