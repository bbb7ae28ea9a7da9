/**
 * Reads bodies other than uploads completely before anything handles them, within a length, an idle time and a deadline. A slow
 * sender holds one connection and a few bytes for seconds, but no page and no procedure.
 */
import { IncomingMessage } from 'node:http';
import { HubError } from '@turnover/domain/errors';

export type BodyLimits = {
  /** The maximum size of a body that anybody may send. */
  smallBytes: number;
  /** A sender that sends nothing for this long is disconnected. */
  silenceMs: number;
  /** The deadline of a small body. A longer body gets more time, according to its minimum rate. */
  deadlineMs: number;
  bytesPerSecond: number;
  /** The limit of all long bodies together; `longPersonBytes` is the limit per person. */
  longTotalBytes: number;
  longPersonBytes: number;
  /**
   * Beyond the total limit, a person without a running long body may still send one, so that a few people cannot block
   * all others.
   */
  maxLongBytes: number;
};

const KiB = 1024;

export const defaultBodyLimits: BodyLimits = {
  smallBytes: 16 * KiB,
  silenceMs: 10_000,
  deadlineMs: 20_000,
  bytesPerSecond: 20 * KiB,
  longTotalBytes: 32 * KiB * KiB,
  longPersonBytes: 8 * KiB * KiB,
  maxLongBytes: 256 * KiB * KiB,
};

export type BodyTerms = {
  /** The maximum size of this body. */
  maxBytes: number;
  /** Identifies the sender; null when unknown. Called only for a long body. */
  sender: () => Promise<string | null>;
};

export class SmallBodies {
  readonly #limits: BodyLimits;
  readonly #longOf = new Map<string, number>();
  #longBytes = 0;

  constructor(limits: BodyLimits = defaultBodyLimits) {
    this.#limits = limits;
  }

  /** Returns the request with its body in memory. Rejects when the body is too long or too slow. */
  async receive(request: IncomingMessage, { maxBytes, sender }: BodyTerms): Promise<IncomingMessage> {
    const declared = declaredBytes(request);
    if (declared === 0) return request;
    const { smallBytes } = this.#limits;
    if (declared !== null && declared > maxBytes) throw tooLarge(maxBytes);
    // A body without a declared length counts as the maximum.
    const expected = declared ?? maxBytes;
    if (expected <= smallBytes) return withBody(request, await this.#read(request, expected));
    const personId = await sender();
    if (personId === null) {
      if (declared !== null) throw tooLarge(smallBytes);
      return withBody(request, await this.#read(request, smallBytes));
    }
    const give = this.#take(personId, expected);
    try {
      return withBody(request, await this.#read(request, expected));
    } finally {
      give();
    }
  }

  #take(personId: string, bytes: number): () => void {
    const { longTotalBytes, longPersonBytes, maxLongBytes } = this.#limits;
    const own = this.#longOf.get(personId) ?? 0;
    const maxOfAll = own === 0 ? maxLongBytes : longTotalBytes;
    if (own + bytes > longPersonBytes || this.#longBytes + bytes > maxOfAll) {
      throw new HubError('unavailable', 'Too much is being sent at once. Try again in a moment.');
    }
    this.#longOf.set(personId, own + bytes);
    this.#longBytes += bytes;
    return () => {
      this.#longBytes -= bytes;
      const left = this.#longOf.get(personId)! - bytes;
      if (left === 0) this.#longOf.delete(personId);
      else this.#longOf.set(personId, left);
    };
  }

  #read(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
    const { silenceMs, deadlineMs, bytesPerSecond } = this.#limits;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (error: Error) => {
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      silence.refresh();
      bytes += chunk.length;
      if (bytes > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => resolve(Buffer.concat(chunks));
    const onClose = () => fail(new SenderGone());
    const silence = setTimeout(() => fail(tooSlow()), silenceMs);
    const deadline = setTimeout(() => fail(tooSlow()), deadlineMs + (maxBytes / bytesPerSecond) * 1000);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    return promise.finally(() => {
      clearTimeout(silence);
      clearTimeout(deadline);
      // Keeps the error listener: a connection that breaks later must not raise an uncaught error.
      request.off('data', onData).off('end', onEnd).off('close', onClose);
    });
  }
}

/** The sender disconnected, so there is nobody to answer. */
export class SenderGone extends Error {}

/** Returns the declared length; null when the length is known only after the last byte. */
function declaredBytes({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null;
  return Number(headers['content-length'] ?? 0);
}

/** Returns a request that yields the given body as if it had just arrived. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const whole = new IncomingMessage(request.socket);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  Object.assign(whole, { method, url, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor });
  whole.headers = headers;
  whole.complete = true;
  if (body.length > 0) whole.push(body);
  whole.push(null);
  return whole;
}

function tooLarge(maxBytes: number): HubError {
  return new HubError('body_too_large', `The body may have at most ${maxBytes} bytes.`, { maxBytes });
}

function tooSlow(): HubError {
  return new HubError('body_too_slow', 'The rest of the body did not arrive in time.');
}
