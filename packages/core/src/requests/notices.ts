/** Who is told what of a request: in the inbox, and by mail as each of them wants it. */
import { and, asc, eq, gt, inArray, isNotNull, lte, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import type { EventData } from '@turnover/domain/events';
import type { NotificationKind } from '@turnover/domain/notifications';
import { dayMs } from '@turnover/domain/days';
import { mentionedIds, withNames } from '@turnover/domain/requests/mentions';
import { dueWarnings } from '@turnover/domain/requests/requests';
import type { DeliveryRequest } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { notify } from '../notifications/inbox.ts';
import { viewPeople } from '../people/person-view.ts';
import { coordinatorsOf, fulfillersOf, peopleWhoSee, type Addressee } from './people.ts';

type RequestNotice = Extract<NotificationKind, `request.${string}`>;
type Told = Pick<DeliveryRequest, 'id' | 'projectId' | 'name'>;
type Tools = Pick<Context, 'clock' | 'newId'>;

/** Nobody is told of what they did themselves, and nobody twice. */
export function notifyPeople(
  tx: Transaction,
  ctx: Tools,
  kind: RequestNotice,
  { id, projectId, name }: Told,
  people: readonly Addressee[],
  { actorId, ...data }: { actorId: string | null } & EventData,
): void {
  for (const [userId, { email }] of new Map(people.map((person) => [person.id, person]))) {
    if (userId === actorId) continue;
    notify(tx, ctx, {
      userId,
      email,
      kind,
      projectId,
      actorId,
      data: { request: name, requestId: id, href: `/p/${projectId}/deliveries/${id}`, ...data },
    });
  }
}

/** `assignedBefore`: those who knew already. */
export function notifyAssigned(
  tx: Transaction,
  ctx: Tools,
  request: DeliveryRequest,
  assignedBefore: readonly Addressee[],
  actorId: string,
): void {
  const known = new Set(assignedBefore.map(({ id }) => id));
  const added = fulfillersOf(tx, request).filter(({ id }) => !known.has(id));
  notifyPeople(tx, ctx, 'request.assigned', request, added, { actorId, dueAt: request.dueAt });
}

/** What moves a request on concerns the other side: deliveries the coordinators, judgements those who delivered. */
export function notifyTransition(
  tx: Transaction,
  ctx: Tools,
  kind: Exclude<RequestNotice, 'request.assigned' | 'request.dueSoon' | 'request.comment'>,
  request: DeliveryRequest,
  data: { actorId: string | null } & EventData,
): void {
  const audience = {
    'request.submitted': () => coordinatorsOf(tx, request.projectId),
    'request.processed': () => [...coordinatorsOf(tx, request.projectId), ...fulfillersOf(tx, request)],
    'request.redelivery': () => fulfillersOf(tx, request),
    'request.accepted': () => fulfillersOf(tx, request),
  };
  notifyPeople(tx, ctx, kind, request, audience[kind](), data);
}

/** `mentioned`: only those named in it; otherwise everybody who works on the request as well. */
export function notifyComment(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  comment: { text: string; mentions: readonly string[] },
  whom: 'everybody' | 'mentioned' = 'everybody',
): void {
  const working = [...fulfillersOf(tx, request), ...coordinatorsOf(tx, request.projectId)];
  const named = new Set(comment.mentions);
  const mentioned = named.size === 0 ? [] : peopleWhoSee(tx, request).filter(({ id }) => named.has(id));
  const people = viewPeople(tx, mentionedIds(comment.text));
  const said = { actorId: ctx.person.id, note: withNames(comment.text, [...people.values()]) };
  notifyPeople(tx, ctx, 'request.comment', request, mentioned, { ...said, mentioned: true });
  if (whom === 'mentioned') return;
  const others = working.filter(({ id }) => !named.has(id));
  notifyPeople(tx, ctx, 'request.comment', request, others, { ...said, mentioned: false });
}

const atOnce = 200;
const staleMs = dayMs;

/** Whoever is to deliver hears of the due date some days and one day before it, and the coordinators once it has passed. */
export function warnOfDueRequests(ctx: Context): number {
  const now = ctx.clock();
  let warned = 0;
  for (const { name, beforeMs, audience } of dueWarnings) {
    const isDue = and(
      inArray(requests.status, ['open', 'redelivery']),
      isNotNull(requests.dueAt),
      lte(requests.dueAt, now + beforeMs),
      // What was due long ago, before anybody warned, is no news.
      gt(requests.dueAt, now + beforeMs - staleMs),
      sql`coalesce(${requests.warnedOf}, '') <> ${name} || ':' || ${requests.dueAt}`,
    );
    inTransaction(ctx.db, (tx) => {
      const due = tx.select().from(requests).where(isDue).orderBy(asc(requests.dueAt)).limit(atOnce).all();
      for (const request of due) {
        const people =
          audience === 'coordinators' ? coordinatorsOf(tx, request.projectId) : fulfillersOf(tx, request);
        notifyPeople(tx, ctx, 'request.dueSoon', request, people, {
          actorId: null,
          dueAt: request.dueAt,
          isOver: beforeMs === 0,
        });
        tx.update(requests)
          .set({ warnedOf: `${name}:${request.dueAt}` })
          .where(eq(requests.id, request.id))
          .run();
      }
      warned += due.length;
    });
  }
  return warned;
}
