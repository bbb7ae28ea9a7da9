/** The live stream: everything the caller may know, as it happens, and after a break from where it stopped. */
import { tracked } from '@trpc/server';
import { eventRange, eventsAfter } from '@turnover/core/events';
import { loadProject } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { streamInput, topicsOf, type EventView, type LiveMessage } from '@turnover/domain/events';
import { LiveHub, type LiveStream } from '../live-hub.ts';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

const pageSize = 200;
/** Whoever is further behind loads the page anew sooner than it is told everything one by one. */
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
      // Refuses at once what is not the caller's, instead of a stream that stays silent.
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

/** What was missed is read for this stream alone; from there on it is told what the hub reads for all. */
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
    for (const event of page) yield tell(event);
    cursor = page.at(-1)?.id ?? cursor;
    isMore = page.length === pageSize;
  }
  for (;;) {
    const told = await stream.next();
    if (told === 'over') return;
    if (told === 'replaced') {
      yield tracked(String(cursor), { type: 'replaced' } satisfies LiveMessage);
      return;
    }
    if (told === 'behind') {
      cursor = eventRange(hub.db).newest;
      yield tracked(String(cursor), { type: 'reset' } satisfies LiveMessage);
      continue;
    }
    for (const { event } of told.events) {
      if (event.id <= cursor) continue;
      cursor = event.id;
      yield tell(event);
    }
  }
}

function tell(event: EventView) {
  const message: LiveMessage = { type: 'event', event, topics: topicsOf(event) };
  return tracked(String(event.id), message);
}

/** One for each database that is open in this process. */
const liveHubs = new WeakMap<PersonContext['db'], LiveHub>();

function liveHubOf({ db }: PersonContext): LiveHub {
  const known = liveHubs.get(db) ?? new LiveHub();
  liveHubs.set(db, known);
  return known;
}

/** A cursor before the oldest kept event, or one this database never gave, cannot be caught up from. */
function startFrom(hub: PersonContext, lastEventId: string | number | null | undefined) {
  const { oldest, newest } = eventRange(hub.db);
  if (lastEventId === null || lastEventId === undefined) return { cursor: newest, reset: false };
  const cursor = Number(lastEventId);
  const known = Number.isSafeInteger(cursor) && cursor >= 0 && cursor <= newest;
  const tooFarBehind = newest - cursor > furthestBehind;
  const reachable = known && !tooFarBehind && (oldest === null || cursor >= oldest - 1);
  return reachable ? { cursor, reset: false } : { cursor: newest, reset: true };
}
