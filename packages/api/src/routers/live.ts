/** The live stream: the events that the caller may see, as they happen. A reconnecting client resumes after its last event. */
import { tracked } from '@trpc/server';
import { eventRange, eventsAfter } from '@turnover/core/events';
import { loadProject } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { streamInput, topicsOf, type EventView, type LiveMessage } from '@turnover/domain/events';
import { LiveHub, type LiveStream } from '../live-hub.ts';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

const pageSize = 200;
/** A client with more missed events gets a reset, because reloading the page is faster than reading them all. */
const furthestBehind = 50 * pageSize;

export const liveRouter = t.router({
  stream: signedIn
    .meta({
      rule: {
        noun: 'caller',
        permission: 'signed in',
        also: '; with a project: project:view; each event: whoever may see its thing',
      },
    })
    .input(streamInput)
    .subscription(async function* ({ ctx, input, signal }) {
      const projectId = input.projectId ?? null;
      const hub = ctx.hub;
      // Refuses at once, instead of opening a stream that never sends anything.
      if (projectId) loadProject(hub.db, hub.person, projectId, 'project:view');
      const live = liveHubOf(hub);
      const { stillSignedIn, onCommit } = ctx;
      const stream = live.open({ hub, projectId, stillSignedIn, onCommit, signal });
      try {
        yield* follow(hub, projectId, input.lastEventId, stream);
      } finally {
        live.close(hub.person.id, stream);
      }
    }),
});

/** Reads missed events for this stream alone, then continues with the events that the hub reads for all streams. */
async function* follow(
  hub: PersonContext,
  projectId: string | null,
  lastEventId: string | number | null | undefined,
  stream: LiveStream,
) {
  const start = startFrom(hub, lastEventId);
  let { cursor } = start;
  if (start.reset) yield tracked(String(cursor), { type: 'reset' } satisfies LiveMessage);
  for (let isMore = true; isMore;) {
    const page = eventsAfter(hub.db, hub.person, projectId, cursor, pageSize);
    for (const event of page) yield trackedEvent(event);
    cursor = page.at(-1)?.id ?? cursor;
    isMore = page.length === pageSize;
  }
  for (;;) {
    const message = await stream.next();
    if (message === 'over') return;
    if (message === 'replaced') {
      yield tracked(String(cursor), { type: 'replaced' } satisfies LiveMessage);
      return;
    }
    if (message === 'behind') {
      cursor = eventRange(hub.db).newest;
      yield tracked(String(cursor), { type: 'reset' } satisfies LiveMessage);
      continue;
    }
    for (const { event } of message.events) {
      if (event.id <= cursor) continue;
      cursor = event.id;
      yield trackedEvent(event);
    }
  }
}

function trackedEvent(event: EventView) {
  const message: LiveMessage = { type: 'event', event, topics: topicsOf(event) };
  return tracked(String(event.id), message);
}

/** One LiveHub for each open database. */
const liveHubs = new WeakMap<PersonContext['db'], LiveHub>();

function liveHubOf({ db }: PersonContext): LiveHub {
  const known = liveHubs.get(db) ?? new LiveHub();
  liveHubs.set(db, known);
  return known;
}

/** Resets a cursor that is older than the oldest kept event, or that this database never issued. */
function startFrom(hub: PersonContext, lastEventId: string | number | null | undefined) {
  const { oldest, newest } = eventRange(hub.db);
  if (lastEventId === null || lastEventId === undefined) return { cursor: newest, reset: false };
  const cursor = Number(lastEventId);
  const known = Number.isSafeInteger(cursor) && cursor >= 0 && cursor <= newest;
  const tooFarBehind = newest - cursor > furthestBehind;
  const reachable = known && !tooFarBehind && (oldest === null || cursor >= oldest - 1);
  return reachable ? { cursor, reset: false } : { cursor: newest, reset: true };
}
