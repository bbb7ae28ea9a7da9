// Reads a small body through the HTTP parser under the pace limits, for requests whose bytes wait in memory until they are whole.
import type { IncomingMessage } from 'node:http';
import { HubError } from '@turnover/domain/errors';
import type { Place } from './admission.ts';
import { readByParser, type BodySource } from './body-source.ts';
import { PaceGuard } from './guards.ts';
import type { Throttle } from './rate-limiter.ts';
import type { EndRequest, ReceiveEnd } from './receive-body.ts';
import { Disconnected } from './refusal.ts';
import type { ReceiveEnvironment } from './upload-patch.ts';

type PacedEnd = Exclude<ReceiveEnd, 'too-long' | 'no-space' | 'mismatch' | 'handed-over'>;

const endings: Record<Exclude<PacedEnd, 'complete'>, () => Error> = {
  disconnected: () => new Disconnected(),
  silent: () => new HubError('unavailable', 'No bytes came for a while.'),
  'too-slow': () => new HubError('unavailable', 'The bytes came too slowly.'),
  'making-way': () => new HubError('too_many_uploads', 'Others wait for a place. Go on in a moment.'),
  shutdown: () => new HubError('unavailable', 'The hub restarts. Go on in a moment.'),
};

export type PacedEnvironment = Pick<ReceiveEnvironment, 'pace' | 'running'> & { throttle: Throttle };

/**
 * Calls `take` with each piece. While it or the throttle returns a promise, nothing more is read. Rejects when the body does not
 * come whole.
 */
export async function readPaced(
  request: IncomingMessage,
  { pace: limits, running, throttle }: PacedEnvironment,
  place: Place,
  take: (piece: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const pace = new PaceGuard(limits, performance.now());
  const { promise, resolve, reject } = Promise.withResolvers<PacedEnd>();
  let source: BodySource | null = null;
  const goOn = (): void => {
    pace.resume(performance.now());
    source?.resume();
  };
  const body = {
    end: (reason: EndRequest) => resolve(reason as PacedEnd),
    makeWay: () => resolve('making-way'),
    get bytesPerSecond() {
      return pace.bytesPerSecond(performance.now());
    },
  };
  const timer = setInterval(() => {
    const verdict = pace.check(performance.now());
    if (verdict !== null) resolve(verdict);
  }, limits.checkEveryMs);
  running.add(body);
  place.run(body);
  try {
    source = readByParser(request, {
      target: Buffer.alloc(0),
      filled: () => true,
      accept(piece) {
        pace.count(piece.length, performance.now());
        try {
          const waits = [take(piece), throttle(piece.length)].filter((wait) => wait !== undefined);
          if (waits.length === 0) return true;
          pace.pause();
          Promise.all(waits).then(goOn, reject);
        } catch (error) {
          reject(error as Error);
        }
        return false;
      },
      ended: (isWhole) => resolve(isWhole ? 'complete' : 'disconnected'),
    });
    const end = await promise;
    if (end !== 'complete') throw endings[end]();
  } finally {
    source?.stop();
    clearInterval(timer);
    running.delete(body);
  }
}
