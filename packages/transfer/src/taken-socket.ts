// Takes a connection away from Node's HTTP parser and lets the kernel read its body straight into blocks that are used again
// and again. The parser makes a Buffer of each read, and collecting them costs more than everything else in receiving.
//
// Node documents `onread`. It does not document what lies between: the handle of a socket (`_handle`, `readStop`,
// `useUserBuffer`, the option `handle`), that the server lets go of the handle when somebody listens for `readable`, and
// `assignSocket`. The workspace pins its version of Node, and `socket-trial.ts` tries all of this at each start. If the trial fails, the parser
// reads all bodies as usual.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { BodySink, BodySource } from './body-source.ts';
import { lingerMs } from './refusal.ts';

/** Smaller bodies stay with the parser: a taken connection closes afterwards, and opening a new one costs more than it gains. */
export const minTakenBytes = 1024 * 1024;
/** Maximum bytes per read, so that other connections get their turn. */
const maxReadBytes = 512 * 1024;

type Handle = {
  reading: boolean;
  readStop(): number;
  /** Sets the buffer for all reads until `onread` returns another one. The handle does not keep the buffer alive. */
  useUserBuffer(buffer: Uint8Array): void;
};
type WithHandle = Socket & { _handle: Partial<Handle> | null; encrypted?: boolean };

/** Buffer for bytes after the end of a body; its content is ignored. */
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
  /** Number of body bytes that are still missing. Reads never go beyond them: later bytes belong to another request. */
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
    // Bytes that arrived with the request head.
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

  /** Ties the new socket to the one that Node's server knows: the server still counts it, times it out and ends it. */
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
