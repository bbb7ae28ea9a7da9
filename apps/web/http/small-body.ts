/**
 * Bodies that are no uploads are read whole before anybody works on them, within a length, a silence and a deadline: a
 * sender that drips holds one connection and a few bytes for seconds, and no page and no procedure.
 */
import { IncomingMessage } from 'node:http';
import { HubError } from '@turnover/domain/errors';

export type BodyLimits = {
  /** So much anybody may send. */
  smallBytes: number;
  /** A sender that is silent for so long is let go. */
  silenceMs: number;
  /** A small body has so long; a longer one has more, by the rate at which it has to come. */
  deadlineMs: number;
  bytesPerSecond: number;
  /** What longer bodies may take together, and those of one person. */
  longTotalBytes: number;
  longPersonBytes: number;
  /** Beyond the total, whoever has none on its way may send one: a few people cannot take the turn of all others. */
  longMostBytes: number;
};

const KiB = 1024;

export const defaultBodyLimits: BodyLimits = {
  smallBytes: 16 * KiB,
  silenceMs: 10_000,
  deadlineMs: 20_000,
  bytesPerSecond: 20 * KiB,
  longTotalBytes: 32 * KiB * KiB,
  longPersonBytes: 8 * KiB * KiB,
  longMostBytes: 256 * KiB * KiB,
};

export type BodyTerms = {
  /** So long the body may be at all. */
  maxBytes: number;
  /** Who sends it; asked only for a body that is longer than a small one. Null: nobody who is known. */
  sender: () => Promise<string | null>;
};

export class SmallBodies {
  readonly #limits: BodyLimits;
  readonly #longOf = new Map<string, number>();
  #longBytes = 0;

  constructor(limits: BodyLimits = defaultBodyLimits) {
    this.#limits = limits;
  }

  /** The request with its body in memory; rejects with the refusal of one that is too long or too slow. */
  async receive(request: IncomingMessage, { maxBytes, sender }: BodyTerms): Promise<IncomingMessage> {
    const declared = declaredBytes(request);
    if (declared === 0) return request;
    const { smallBytes } = this.#limits;
    if (declared !== null && declared > maxBytes) throw tooLarge(maxBytes);
    // Of whom it is not said how much will come, the most is taken for it.
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
    const { longTotalBytes, longPersonBytes, longMostBytes } = this.#limits;
    const own = this.#longOf.get(personId) ?? 0;
    const maxOfAll = own === 0 ? longMostBytes : longTotalBytes;
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
      // The listener for errors stays: a connection that breaks later must not become an uncaught error.
      request.off('data', onData).off('end', onEnd).off('close', onClose);
    });
  }
}

/** There is nobody to answer. */
export class SenderGone extends Error {}

/** Null: it will be known when the last byte has come. */
function declaredBytes({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null;
  return Number(headers['content-length'] ?? 0);
}

/** A request that is as if its body had just come. */
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
  return new HubError('body_too_large', `A body of at most ${maxBytes} bytes is taken here.`, { maxBytes });
}

function tooSlow(): HubError {
  return new HubError('body_too_slow', 'The rest of the body did not come in time.');
}
