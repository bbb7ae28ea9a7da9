/** The live stream: everything the caller may know, as it happens, and after a break from where it stopped. */
import { tracked } from '@trpc/server';
import { eventRange, eventsAfter } from '@turnover/core/events';
import { loadProject } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { streamInput, topicsOf, type LiveMessage } from '@turnover/domain/events';
import { signedIn } from '../procedures.ts';
import { t, type ApiContext } from '../trpc.ts';

const pageSize = 200;
/** Whoever is further behind loads the page anew sooner than it is told everything one by one. */
const furthestBehind = 50 * pageSize;
/** How often a quiet stream makes sure that its reader is still signed in. */
const recheckMs = 30_000;

export const liveRouter = t.router({
  stream: signedIn
    .meta({ rule: 'signed in; with a project: project:view; each event: whoever may see its thing' })
    .input(streamInput)
    .subscription(async function* ({ ctx, input, signal }) {
      const projectId = input.projectId ?? null;
      const hub = ctx.hub;
      // Refuses at once what is not the caller's, instead of a stream that stays silent.
      if (projectId) loadProject(hub.db, hub.person, projectId, 'project:view');
      const wake = wakeUps(ctx.onCommit, signal);
      try {
        yield* follow(hub, projectId, input.lastEventId, wake, ctx.stillSignedIn);
      } finally {
        wake.stop();
      }
    }),
});

async function* follow(
  hub: PersonContext,
  projectId: string | null,
  lastEventId: string | number | null | undefined,
  wake: WakeUps,
  stillSignedIn: ApiContext['stillSignedIn'],
) {
  const start = startFrom(hub, lastEventId);
  let cursor = start.cursor;
  if (start.reset) yield tracked(String(cursor), { type: 'reset' } satisfies LiveMessage);
  while (await wake.next()) {
    if (!(await stillSignedIn())) return;
    if (projectId) loadProject(hub.db, hub.person, projectId, 'project:view');
    // Events of others move the cursor too, otherwise each wake-up would read past them again.
    const { newest } = eventRange(hub.db);
    let page;
    do {
      page = eventsAfter(hub.db, hub.person, projectId, cursor, pageSize);
      for (const event of page) {
        cursor = event.id;
        const message: LiveMessage = { type: 'event', event, topics: topicsOf(event) };
        yield tracked(String(event.id), message);
      }
    } while (page.length === pageSize);
    cursor = Math.max(cursor, newest);
  }
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

type WakeUps = { next: () => Promise<boolean>; stop: () => void };

/** `next` resolves after a commit or the time for a recheck, at once when one happened meanwhile; false: it is over. */
function wakeUps(onCommit: ApiContext['onCommit'], signal: AbortSignal | undefined): WakeUps {
  let pending = true;
  let over = signal?.aborted ?? false;
  let resume: (() => void) | null = null;
  const notify = () => {
    pending = true;
    resume?.();
  };
  const end = () => {
    over = true;
    resume?.();
  };
  const unsubscribe = onCommit(notify);
  const timer = setInterval(notify, recheckMs);
  timer.unref();
  signal?.addEventListener('abort', end, { once: true });
  return {
    async next() {
      if (!pending && !over) await new Promise<void>((resolve) => (resume = resolve));
      resume = null;
      pending = false;
      return !over;
    },
    stop() {
      over = true;
      unsubscribe();
      clearInterval(timer);
      signal?.removeEventListener('abort', end);
    },
  };
}
