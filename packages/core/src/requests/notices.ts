/** Notifies people about requests, in the inbox and by mail, as each of them wants it. */
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
type Subject = Pick<DeliveryRequest, 'id' | 'projectId' | 'name'>;
type Tools = Pick<Context, 'clock' | 'newId'>;

/** Notifies each of these people once, except the actor. */
export function notifyPeople(
  tx: Transaction,
  ctx: Tools,
  kind: RequestNotice,
  { id, projectId, name }: Subject,
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

/** Notifies new assignees. `assignedBefore`: people who were assigned already. */
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

/** Notifies the other side of a new status: coordinators of deliveries, and assignees of decisions. */
export function notifyTransition(
  tx: Transaction,
  ctx: Tools,
  kind: Exclude<
    RequestNotice,
    'request.assigned' | 'request.dueSoon' | 'request.reminder' | 'request.comment'
  >,
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

/** Notifies the people mentioned; with `everybody`, also the assignees and coordinators. */
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
  const content = { actorId: ctx.person.id, note: withNames(comment.text, [...people.values()]) };
  notifyPeople(tx, ctx, 'request.comment', request, mentioned, { ...content, mentioned: true });
  if (whom === 'mentioned') return;
  const others = working.filter(({ id }) => !named.has(id));
  notifyPeople(tx, ctx, 'request.comment', request, others, { ...content, mentioned: false });
}

const maxAtOnce = 200;
const staleMs = dayMs;

/** Warns assignees some days and one day before the due date, and coordinators once it has passed. Returns the number of warnings. */
export function warnOfDueRequests(ctx: Context): number {
  const now = ctx.clock();
  let warned = 0;
  for (const { name, beforeMs, audience } of dueWarnings) {
    const isDue = and(
      inArray(requests.status, ['open', 'redelivery']),
      isNotNull(requests.dueAt),
      lte(requests.dueAt, now + beforeMs),
      // Skips warnings that are more than a day late, as after a long pause of the hub.
      gt(requests.dueAt, now + beforeMs - staleMs),
      sql`coalesce(${requests.warnedOf}, '') <> ${name} || ':' || ${requests.dueAt}`,
    );
    inTransaction(ctx.db, (tx) => {
      const due = tx.select().from(requests).where(isDue).orderBy(asc(requests.dueAt)).limit(maxAtOnce).all();
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
