// One holder per upload at a time, in order of arrival. A waiter notifies the holder, and the holder hands over; nobody
// polls. (@tus/server's own locker polls on every turn of the event loop while it waits, which uses a whole core.)
import type { Lock, Locker, RequestRelease } from '@tus/server';

/** How urgently a waiter wants the lock: even while the holder receives bytes, or only once the holder is silent. */
export type Urgency = 'soon' | 'when-silent';

export type UploadLock = {
  /** The highest urgency among the waiters; null when nobody waits. */
  readonly wanted: Urgency | null;
  /** Calls back whenever a waiter arrives, and at once if one is already waiting. */
  onWanted(callback: () => void): void;
  release(): void;
};

export class UploadLocked extends Error {
  constructor() {
    super('another request holds this upload');
    this.name = 'UploadLocked';
  }
}

type Waiter = {
  urgency: Urgency;
  granted: PromiseWithResolvers<void>;
  whenWanted: (() => void) | null;
};

export class UploadLocks implements Locker {
  readonly #queues = new Map<string, Waiter[]>();
  readonly #maxWaitMs: number;

  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Rejects with UploadLocked when the holder has not released the lock in time. */
  async acquire(id: string, urgency: Urgency): Promise<UploadLock> {
    const waiter: Waiter = { urgency, granted: Promise.withResolvers(), whenWanted: null };
    const queue = this.#queues.get(id) ?? [];
    this.#queues.set(id, queue);
    queue.push(waiter);
    if (queue[0] !== waiter) await this.#wait(id, queue, waiter);
    return {
      get wanted() {
        return mostUrgent(queue.slice(1));
      },
      onWanted: (callback) => {
        waiter.whenWanted = callback;
        if (queue.length > 1) callback();
      },
      release: () => this.#leave(id, queue, waiter),
    };
  }

  /** The same queue in the shape that @tus/server expects. */
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

  async #wait(id: string, queue: Waiter[], waiter: Waiter): Promise<void> {
    const timer = setTimeout(() => waiter.granted.reject(new UploadLocked()), this.#maxWaitMs);
    queue[0]!.whenWanted?.();
    try {
      await waiter.granted.promise;
    } catch (error) {
      this.#leave(id, queue, waiter);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #leave(id: string, queue: Waiter[], waiter: Waiter): void {
    const index = queue.indexOf(waiter);
    if (index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(id);
    else if (index === 0) queue[0]!.granted.resolve();
  }
}

function mostUrgent(waiting: Waiter[]): Urgency | null {
  if (waiting.some((waiter) => waiter.urgency === 'soon')) return 'soon';
  return waiting.length > 0 ? 'when-silent' : null;
}
