// Where the bytes of a body come from, and where they go. This source is Node's HTTP parser, for small bodies, chunked bodies,
// and where the connection cannot be taken over (taken-socket.ts).
import type { IncomingMessage } from 'node:http';

export type BodySink = {
  /** Where the next bytes go; never empty. */
  readonly target: Buffer;
  /** This many bytes have arrived in `target`. False: read no more until `resume`. */
  filled(bytes: number): boolean;
  /** Takes bytes that lie elsewhere. False: read no more until `resume`. */
  accept(chunk: Buffer): boolean;
  /** Called at least once. */
  ended(isWhole: boolean): void;
};

export type BodySource = {
  resume(): void;
  /** The sink's target has moved without a read. */
  retarget(): void;
  /** From now on nothing is read into the sink. */
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
