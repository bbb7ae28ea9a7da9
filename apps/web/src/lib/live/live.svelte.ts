/** Keeps pages live: one stream per visible tab reloads what an event concerns, and patches progress without a reload. */
import { invalidate, invalidateAll } from '$app/navigation';
import { navigating } from '$app/state';
import type { EventView, LiveMessage } from '@turnover/domain/events';
import { trpc } from '#lib/trpc.ts';
import { Liveness, type Staleness } from './liveness.ts';

/** Events come in bursts; a page is loaded once for all of them. */
const gatherMs = 120;
const reconnectMs = 2_000;
/** Another of the person's many pages took the place of this one: it waits, or until somebody looks at it again. */
const replacedMs = 60_000;

class Live {
  /** Progress of running stages, 0 to 1, by delivered file and stage. */
  progress = $state<Record<string, number>>({});
  /** False while the tab hears nothing: what it shows may be old. */
  connected = $state(false);
  /** Why the page has not heard of changes for a while; null while it does. */
  staleness = $state<Staleness | null>(null);
  /** An ended subscription may report after the page has gone. */
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
   * Follows the project (null: only what concerns the person) until the returned function is called. `loadedAt`: the
   * newest event when the server began to read what the document shows; whatever came after it is told first.
   */
  follow(projectId: string | null, loadedAt: number): () => void {
    this.#projectId = projectId;
    this.#lastEventId ??= String(loadedAt);
    // Browsers allow six connections to a server under HTTP/1.1: hidden tabs give theirs back.
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

  /** Instead of at the next time that it would look by itself. */
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
        onError: () => this.#reconnectLater(),
        onComplete: () => this.#reconnectLater(),
        onStopped: () => this.#become(false),
      },
    );
  }

  /** The browser connects anew by itself, and says only here that it has to. */
  #become(connected: boolean): void {
    this.connected = connected;
    if (connected) this.#liveness.heard();
    else if (this.#isFollowing && !document.hidden) this.#liveness.waiting();
  }

  #rest(): void {
    this.#close();
    this.#liveness.stop();
  }

  #close(): void {
    clearTimeout(this.#reconnecting);
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    this.connected = false;
  }

  /** The server ends a stream when rights have changed: asking anew finds out what is still allowed. */
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
    else this.#gather(message.topics);
  }

  #patch({ data }: EventView): void {
    this.progress[progressKey(String(data.fileId), String(data.stage))] = Number(data.progress);
  }

  #gather(topics: readonly string[]): void {
    for (const topic of topics) this.#topics.add(topic);
    this.#gathering ??= setTimeout(async () => {
      // The page that is on its way may have read what it shows before the event, and cannot be invalidated yet.
      await navigating.complete?.catch(() => {});
      this.#gathering = undefined;
      const gathered = [...this.#topics];
      this.#topics.clear();
      void invalidate(({ href }) => gathered.includes(href));
    }, gatherMs);
  }
}

/** The hub says how it is in JSON, well or not; a proxy before a hub that is away does not. */
async function isReachable(): Promise<boolean> {
  try {
    const { headers } = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5_000) });
    return headers.get('content-type')?.includes('json') ?? false;
  } catch {
    return false;
  }
}

export function progressKey(fileId: string, stage: string): string {
  return `${fileId} ${stage}`;
}

export const live = new Live();
