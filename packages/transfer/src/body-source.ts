// The source and the sink of a request body. The source in this file is Node's HTTP parser. It serves small bodies, chunked bodies,
// and connections that cannot be taken over (taken-socket.ts).
import type { IncomingMessage } from 'node:http';

export type BodySink = {
  /** Buffer for the next bytes; never empty. */
  readonly target: Buffer;
  /** Reports that this many bytes have arrived in `target`. Returns false when the source must wait for `resume`. */
  filled(bytes: number): boolean;
  /** Takes bytes from another buffer. Returns false when the source must wait for `resume`. */
  accept(chunk: Buffer): boolean;
  /** Called at least once. */
  ended(isWhole: boolean): void;
};

export type BodySource = {
  resume(): void;
  /** Tells the source that the sink has a new `target` although nothing was read. */
  retarget(): void;
  /** Ends reading. The source does not touch the sink afterwards. */
  stop(): void;
};

export function readByParser(request: IncomingMessage, sink: BodySink): BodySource {
  const onData = (chunk: Buffer): void => {
    if (!sink.accept(chunk)) request.pause();
  };
  const onEnd = (): void => sink.ended(request.complete);
  const onClose = (): void => sink.ended(false);
  request.on('data', onData);
  request.on('end', onEnd);
  request.on('close', onClose);
  // This listener stays: a connection that breaks after reading stopped must not raise an uncaught error.
  request.on('error', onClose);
  if (request.destroyed) onClose();
  return {
    resume: () => request.resume(),
    retarget: () => undefined,
    stop() {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
      request.pause();
    },
  };
}
