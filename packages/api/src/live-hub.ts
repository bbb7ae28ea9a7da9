/**
 * The live streams of this process. After a commit it reads new events once for each listening person, however many streams
 * that person has. The number of streams per person and in total is limited, and so is the number of events held for a slow
 * reader.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { inTurns } from '@turnover/core/batches';
import type { PersonContext } from '@turnover/core/context';
import { eventRange, eventsForPerson, type AddressedEvent } from '@turnover/core/events';
import { HubError, notFound } from '@turnover/domain/errors';
import type { ApiContext } from './trpc.ts';

export type LiveLimits = { perPerson: number; total: number; waitingEvents: number };

export const defaultLiveLimits: LiveLimits = { perPerson: 20, total: 2000, waitingEvents: 1000 };

/** How often an idle stream checks whether its reader is still signed in. */
const recheckMs = 30_000;
const pageSize = 500;

/** The next result of a stream. `behind`: the reader was too slow and has to reload. */
export type StreamMessage = { events: readonly AddressedEvent[] } | 'behind' | 'replaced' | 'over';

export type Opening = {
  hub: PersonContext;
  projectId: string | null;
  stillSignedIn: ApiContext['stillSignedIn'];
  onCommit: ApiContext['onCommit'];
  signal: AbortSignal | undefined;
};

/** The stream of one client. */
export class LiveStream {
  readonly projectId: string | null;
  /** Streams of one sign-in share this value. Streams of API tokens are checked one by one. */
  readonly signIn: unknown;
  readonly stillSignedIn: ApiContext['stillSignedIn'];
  #waiting: AddressedEvent[] = [];
  #isBehind = false;
  #ending: 'replaced' | 'over' | HubError | null = null;
  #wake: (() => void) | null = null;
  readonly #most: number;

  constructor({ hub, projectId, stillSignedIn, signal }: Opening, most: number) {
    this.projectId = projectId;
    this.signIn = hub.sessionId ?? this;
    this.stillSignedIn = stillSignedIn;
    this.#most = most;
    if (signal?.aborted) this.end('over');
    signal?.addEventListener('abort', () => this.end('over'), { once: true });
  }

  push(events: readonly AddressedEvent[]): void {
    if (events.length === 0 || this.#isBehind) return;
    if (this.#waiting.length + events.length > this.#most) {
      this.#waiting = [];
      this.#isBehind = true;
    } else this.#waiting.push(...events);
    this.#wake?.();
  }

  end(why: 'replaced' | 'over' | HubError): void {
    this.#ending ??= why;
    this.#wake?.();
  }

  /** Waits for the next events or the end of the stream. Throws when the stream ends with a refusal. */
  async next(): Promise<StreamMessage> {
    while (!this.#isBehind && this.#waiting.length === 0 && this.#ending === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#wake = null;
    if (this.#ending instanceof HubError) throw this.#ending;
    if (this.#ending !== null) return this.#ending;
    if (this.#isBehind) {
      this.#isBehind = false;
      return 'behind';
    }
    const events = this.#waiting;
    this.#waiting = [];
    return { events };
  }
}

type Feed = { hub: PersonContext; cursor: number; streams: Set<LiveStream> };

export class LiveHub {
  readonly #limits: LiveLimits;
  readonly #read: typeof eventsForPerson;
  readonly #feeds = new Map<string, Feed>();
  #total = 0;
  #stopListening: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isDue = false;
  #newest = 0;

  constructor(limits: LiveLimits = defaultLiveLimits, read: typeof eventsForPerson = eventsForPerson) {
    this.#limits = limits;
    this.#read = read;
  }

  get size(): number {
    return this.#total;
  }

  /** Opens a stream. If the person has too many, ends their oldest one, whose connection is probably dead. */
  open(opening: Opening): LiveStream {
    const { hub, onCommit } = opening;
    const feed = this.#feeds.get(hub.person.id) ?? newFeed(hub);
    if (feed.streams.size >= this.#limits.perPerson) {
      const [oldest] = feed.streams;
      oldest!.end('replaced');
      this.close(hub.person.id, oldest!);
    }
    if (this.#total >= this.#limits.total) {
      throw new HubError('too_many_streams', 'Too many pages are open at this hub. Try again in a minute.');
    }
    const stream = new LiveStream(opening, this.#limits.waitingEvents);
    this.#feeds.set(hub.person.id, feed);
    feed.streams.add(stream);
    if (this.#total++ === 0) this.#listen(hub, onCommit);
    return stream;
  }

  close(personId: string, stream: LiveStream): void {
    const feed = this.#feeds.get(personId);
    if (!feed?.streams.delete(stream)) return;
    if (feed.streams.size === 0) this.#feeds.delete(personId);
    if (--this.#total === 0) this.#stop();
  }

  #listen(hub: PersonContext, onCommit: ApiContext['onCommit']): void {
    this.#newest = eventRange(hub.db).newest;
    const endEveryStream = (error: unknown) => {
      for (const feed of this.#feeds.values()) endAll(feed, error);
    };
    this.#stopListening = onCommit(() => void this.#look(hub).catch(endEveryStream));
    this.#timer = setInterval(() => void this.#recheck().catch(endEveryStream), recheckMs).unref();
  }

  #stop(): void {
    this.#stopListening?.();
    clearInterval(this.#timer);
  }

  /** Runs one check at a time. Commits during a check cause one more check afterwards. */
  async #look({ db }: PersonContext): Promise<void> {
    this.#isDue = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isDue && this.#total > 0) {
        this.#isDue = false;
        const { newest } = eventRange(db);
        if (newest === this.#newest) continue;
        this.#newest = newest;
        for (const feed of [...this.#feeds.values()]) {
          await this.#follow(feed, newest).catch((error: unknown) => endAll(feed, error));
          await turn();
        }
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** Reads the person's events up to `newest` page by page and passes them to the matching streams. */
  async #follow(feed: Feed, newest: number): Promise<void> {
    const { db } = feed.hub;
    while (feed.cursor < newest && feed.streams.size > 0) {
      const projectIds = [...new Set([...feed.streams].flatMap(({ projectId }) => projectId ?? []))];
      const { person, events, lost } = this.#read(
        db,
        feed.hub.person,
        projectIds,
        feed.cursor,
        newest,
        pageSize,
      );
      if (!person) return endAll(feed, signedOut());
      feed.hub = { ...feed.hub, person };
      feed.cursor = events.length === pageSize ? events.at(-1)!.event.id : newest;
      for (const stream of feed.streams) {
        if (stream.projectId && lost.includes(stream.projectId)) stream.end(notFound());
      }
      // Checks sign-ins before it delivers events, and only when there are some.
      if (events.length > 0) {
        await endSignedOut(feed);
        for (const stream of feed.streams) stream.push(events.filter((event) => concerns(stream, event)));
      }
      if (events.length === pageSize) await turn();
    }
  }

  async #recheck(): Promise<void> {
    const feeds = [...this.#feeds.values()];
    for (const feed of feeds) await endSignedOut(feed).catch((error: unknown) => endAll(feed, error));
    await inTurns(feeds, (feed) => {
      const projectIds = [...feed.streams].flatMap(({ projectId }) => projectId ?? []);
      const { person, lost } = this.#read(
        feed.hub.db,
        feed.hub.person,
        projectIds,
        feed.cursor,
        feed.cursor,
        1,
      );
      if (!person) return endAll(feed, signedOut());
      for (const stream of feed.streams) {
        if (stream.projectId && lost.includes(stream.projectId)) stream.end(notFound());
      }
    });
  }
}

function newFeed(hub: PersonContext): Feed {
  return { hub, cursor: eventRange(hub.db).newest, streams: new Set() };
}

function concerns({ projectId }: LiveStream, { toPerson, event }: AddressedEvent): boolean {
  return toPerson || (projectId !== null && event.projectId === projectId);
}

/** Checks each sign-in once, however many streams it has. */
async function endSignedOut(feed: Feed): Promise<void> {
  for (const streams of Map.groupBy(feed.streams, ({ signIn }) => signIn).values()) {
    if (await streams[0]!.stillSignedIn()) continue;
    for (const stream of streams) stream.end(signedOut());
  }
}

function signedOut(): HubError {
  return new HubError('unauthenticated', 'You are signed out. Sign in again.');
}

function endAll(feed: Feed, error: unknown): void {
  for (const stream of feed.streams) stream.end(error instanceof HubError ? error : 'over');
}
