// Takes a connection away from Node's HTTP parser and lets the kernel read its body straight into blocks that are used again
// and again. The parser makes a Buffer of each read, and collecting them costs more than everything else in receiving.
//
// Node documents `onread`. It does not document what lies between: the handle of a socket (`_handle`, `readStop`,
// `useUserBuffer`, the option `handle`), that the server lets go of the handle when somebody listens for `readable`, and
// `assignSocket`. The workspace pins its Node, `socket-trial.ts` tries all of it at each start, and without it the parser
// goes on as usual.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { BodySink, BodySource } from './body-source.ts';
import { lingerMs } from './refusal.ts';

/** The next request needs a new connection, which costs more than it gains for smaller bodies. */
export const minTakenBytes = 1024 * 1024;
/** The most that one read takes, so that others get their turn. */
const maxReadBytes = 512 * 1024;

type Handle = {
  reading: boolean;
  readStop(): number;
  /** Reads go here from now on, until `onread` names another buffer. Nothing keeps the buffer alive. */
  useUserBuffer(buffer: Uint8Array): void;
};
type WithHandle = Socket & { _handle: Partial<Handle> | null; encrypted?: boolean };

/** What comes after a body goes here. Nobody reads it. */
const discarded = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Returns null where the connection cannot be taken. Call it in a later turn of the event loop than the one in which the
 * parser read the head. The response answers on the taken connection, which closes afterwards.
 */
export function takeSocket(
  request: IncomingMessage,
  response: ServerResponse,
  bodyBytes: number,
  sink: BodySink,
): BodySource | null {
  const { _handle: handle, encrypted, writableLength } = request.socket as WithHandle;
  if (!isTakeable(handle) || encrypted || request.complete || request.destroyed) return null;
  // An earlier answer on this connection is not sent yet.
  if (response.socket !== request.socket || writableLength > 0) return null;
  if (request.readableLength >= bodyBytes) return null;
  return new TakenSocket(request, response, handle, bodyBytes, sink);
}

function isTakeable(handle: Partial<Handle> | null): handle is Handle {
  return typeof handle?.useUserBuffer === 'function' && typeof handle.readStop === 'function';
}

class TakenSocket implements BodySource {
  readonly #sink: BodySink;
  readonly #handle: Handle;
  readonly #socket: Socket;
  /** Bytes of the body that have not come. Reads never go beyond it: what follows belongs to another request. */
  #leftBytes: number;
  #isOver = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    handle: Handle,
    bodyBytes: number,
    sink: BodySink,
  ) {
    this.#sink = sink;
    this.#handle = handle;
    this.#leftBytes = bodyBytes;
    let goesOn = true;
    // What came with the head.
    while (request.readableLength > 0) {
      const chunk = request.read() as Buffer;
      this.#leftBytes -= chunk.length;
      goesOn = sink.accept(chunk);
    }
    this.#socket = this.#takeHandle(request.socket as WithHandle);
    this.#tieTo(request.socket);
    response.setHeader('Connection', 'close');
    response.assignSocket(this.#socket);
    if (goesOn) this.#socket.resume();
  }

  resume(): void {
    this.#socket.resume();
  }

  retarget(): void {
    if (!this.#socket.destroyed) this.#handle.useUserBuffer(this.#target());
  }

  // The kernel must not write into a block that belongs to another upload by now.
  stop(): void {
    this.#isOver = true;
    this.#socket.pause();
    this.retarget();
  }

  #takeHandle(parsed: WithHandle): Socket {
    parsed.on('readable', () => undefined);
    this.#handle.readStop();
    this.#handle.reading = false;
    parsed._handle = null;
    const options: object = {
      handle: this.#handle,
      allowHalfOpen: true,
      manualStart: true,
      onread: { buffer: () => this.#target(), callback: (bytes: number) => this.#onRead(bytes) },
    };
    return new Socket(options);
  }

  /** The server goes on counting, cutting and ending the socket that it knows. */
  #tieTo(parsed: Socket): void {
    const taken = this.#socket;
    for (const event of ['end', 'error', 'close']) taken.on(event, () => this.#sink.ended(false));
    taken.on('close', () => parsed.destroy());
    parsed.on('close', () => taken.destroy());
    // Called by the server after the answer. Reading on for a moment keeps a reset from overtaking the answer.
    parsed.destroySoon = () => {
      taken.end();
      taken.resume();
      setTimeout(() => taken.destroy(), lingerMs).unref();
    };
  }

  #target(): Buffer {
    return this.#isOver
      ? discarded
      : this.#sink.target.subarray(0, Math.max(1, Math.min(this.#leftBytes, maxReadBytes)));
  }

  #onRead(bytes: number): boolean {
    if (this.#isOver) return true;
    this.#leftBytes -= bytes;
    const goesOn = this.#sink.filled(bytes);
    if (this.#leftBytes === 0) this.#sink.ended(true);
    return goesOn;
  }
}
