// One holder per upload at a time, in order of arrival. Who has to wait tells the holder so and the holder hands over;
// nobody polls. (@tus/server's own locker asks again on every turn of the event loop while it waits, which takes a core.)
import type { Lock, Locker, RequestRelease } from '@tus/server';

/** How much a newcomer wants the holder to go: even in the middle of its bytes, or only if none come any more. */
export type Urgency = 'soon' | 'when-silent';

export interface UploadLock {
  /** What the most urgent of those who wait now wants; null when nobody waits. */
  readonly wanted: Urgency | null;
  /** Calls back whenever a newcomer begins to wait, at once if one waits already. */
  onWanted(callback: () => void): void;
  release(): void;
}

export class UploadLocked extends Error {
  constructor() {
    super('another request holds this upload');
    this.name = 'UploadLocked';
  }
}

interface Place {
  urgency: Urgency;
  granted: PromiseWithResolvers<void>;
  whenWanted: (() => void) | null;
}

export class UploadLocks implements Locker {
  readonly #queues = new Map<string, Place[]>();
  readonly #patienceMs: number;

  constructor(maxWaitMs: number) {
    this.#patienceMs = maxWaitMs;
  }

  /** Rejects with UploadLocked when the holder has not gone in time. */
  async acquire(id: string, urgency: Urgency): Promise<UploadLock> {
    const place: Place = { urgency, granted: Promise.withResolvers(), whenWanted: null };
    const queue = this.#queues.get(id) ?? [];
    this.#queues.set(id, queue);
    queue.push(place);
    if (queue[0] !== place) await this.#wait(id, queue, place);
    return {
      get wanted() {
        return mostUrgent(queue.slice(1));
      },
      onWanted: (callback) => {
        place.whenWanted = callback;
        if (queue.length > 1) callback();
      },
      release: () => this.#leave(id, queue, place),
    };
  }

  /** The same queue in the shape that @tus/server asks for. */
  newLock(id: string): Lock {
    let held: UploadLock | null = null;
    return {
      lock: async (_signal: AbortSignal, requestRelease: RequestRelease) => {
        held = await this.acquire(id, 'soon');
        held.onWanted(() => void requestRelease());
      },
      unlock: async () => held?.release(),
    };
  }

  async #wait(id: string, queue: Place[], place: Place): Promise<void> {
    const timer = setTimeout(() => place.granted.reject(new UploadLocked()), this.#patienceMs);
    queue[0]!.whenWanted?.();
    try {
      await place.granted.promise;
    } catch (error) {
      this.#leave(id, queue, place);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #leave(id: string, queue: Place[], place: Place): void {
    const index = queue.indexOf(place);
    if (index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(id);
    else if (index === 0) queue[0]!.granted.resolve();
  }
}

function mostUrgent(waiting: Place[]): Urgency | null {
  if (waiting.some((place) => place.urgency === 'soon')) return 'soon';
  return waiting.length > 0 ? 'when-silent' : null;
}
