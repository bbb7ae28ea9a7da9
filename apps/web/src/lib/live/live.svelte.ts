/**
 * Keeps pages live: one event stream per visible tab reloads the data that an event concerns, and updates progress
 * without a reload.
 */
import { invalidate, invalidateAll } from '$app/navigation';
import { navigating } from '$app/state';
import type { EventView, LiveMessage } from '@turnover/domain/events';
import { reportOf } from '#lib/reported-error.ts';
import { leave } from '#lib/leaving.ts';
import { trpc } from '#lib/trpc.ts';
import { Liveness, type Staleness } from './liveness.ts';
import { isReachable } from './reachable.ts';

/** Events come in bursts, so one reload serves all events within this time. */
const gatherMs = 120;
const reconnectMs = 2_000;
/** How long this tab waits, or until it becomes visible again, after another of the person's tabs took its stream. */
const replacedMs = 60_000;

class Live {
  /** Progress of running stages, 0 to 1, keyed by delivered file and stage. */
  progress = $state<Record<string, number>>({});
  /** Bytes of unfinished uploads that are safely stored on the server, keyed by upload. */
  uploadedBytes = $state<Record<string, number>>({});
  /** False while the tab receives no events, so that its content may be outdated. */
  connected = $state(false);
  /** Why the page has received no updates for a while; null while it receives them. */
  staleness = $state<Staleness | null>(null);
  /** False after the page is gone, when an ended subscription may still report. */
  #isFollowing = false;
  #projectId: string | null = null;
  #lastEventId: string | null = null;
  #subscription: { unsubscribe(): void } | null = null;
  #topics = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #reconnecting: ReturnType<typeof setTimeout> | undefined;
  #liveness = new Liveness({
    onchange: (staleness) => (this.staleness = staleness),
    look: () => void invalidateAll().catch(() => {}),
    isReachable,
  });

  /**
   * Follows the project (null: only events of the person) until the returned function is called. `loadedAt`: the newest
   * event when the server began to render the document; the stream starts after it.
   */
  follow(projectId: string | null, loadedAt: number): () => void {
    this.#projectId = projectId;
    this.#lastEventId ??= String(loadedAt);
    // Browsers allow six connections to a server under HTTP/1.1, so hidden tabs close theirs.
    const follow = () => (document.hidden ? this.#rest() : this.#open());
    document.addEventListener('visibilitychange', follow);
    this.#isFollowing = true;
    follow();
    return () => {
      this.#isFollowing = false;
      document.removeEventListener('visibilitychange', follow);
      this.#rest();
    };
  }

  /** Checks now instead of at the next regular time. */
  lookNow(): void {
    this.#liveness.lookNow();
    this.#close();
    this.#open();
  }

  #open(): void {
    if (this.#subscription) return;
    this.#liveness.waiting();
    this.#subscription = trpc.live.stream.subscribe(
      { projectId: this.#projectId, lastEventId: this.#lastEventId },
      {
        onConnectionStateChange: ({ state }) => this.#become(state === 'pending'),
        onData: ({ id, data }) => this.#receive(id, data),
        onError: (error) => this.#fail(error),
        onComplete: () => this.#reconnectLater(),
        onStopped: () => this.#become(false),
      },
    );
  }

  /** Records the connection state. The browser reconnects by itself; this is the only sign of it. */
  #become(connected: boolean): void {
    this.connected = connected;
    if (connected) this.#liveness.heard();
    else if (this.#isFollowing && !document.hidden) this.#liveness.waiting();
  }

  /** Stops all queries of the page before its session ends. */
  leave(): void {
    this.#rest();
    void leave().then(() => this.#isFollowing && !document.hidden && this.#open());
  }

  #rest(): void {
    this.#close();
    this.#liveness.stop();
  }

  /** Handles an error of the stream. Reloading a page whose session has ended leads to the sign-in page. */
  #fail(error: unknown): void {
    if (reportOf(error)?.code !== 'unauthenticated') return this.#reconnectLater();
    this.#rest();
    void invalidateAll();
  }

  #close(): void {
    clearTimeout(this.#reconnecting);
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    this.connected = false;
  }

  /**
   * Reconnects after a while. The server ends a stream when rights change; a new one delivers what is still allowed.
   */
  #reconnectLater(ms = reconnectMs): void {
    this.#close();
    this.#reconnecting = setTimeout(() => {
      if (!document.hidden) this.#open();
    }, ms);
  }

  #receive(id: string, message: LiveMessage): void {
    this.#lastEventId = id;
    if (message.type === 'replaced') this.#reconnectLater(replacedMs);
    else if (message.type === 'reset') void invalidateAll();
    else if (message.event.kind === 'file.progress') this.#patch(message.event);
    else if (message.event.kind === 'upload.progress') this.#patchUpload(message.event);
    else this.#gather(message.topics);
  }

  #patch({ data }: EventView): void {
    this.progress[progressKey(String(data.fileId), String(data.stage))] = Number(data.progress);
  }

  #patchUpload({ data }: EventView): void {
    this.uploadedBytes[String(data.uploadId)] = Number(data.bytes);
  }

  #gather(topics: readonly string[]): void {
    for (const topic of topics) this.#topics.add(topic);
    this.#gathering ??= setTimeout(async () => {
      // A navigation may have loaded its data before the event, and its data cannot be invalidated until it has
      // finished.
      await navigating.complete?.catch(() => {});
      this.#gathering = undefined;
      const gathered = [...this.#topics];
      this.#topics.clear();
      void invalidate(({ href }) => gathered.includes(href));
    }, gatherMs);
  }
}

export function progressKey(fileId: string, stage: string): string {
  return `${fileId} ${stage}`;
}

export const live = new Live();
