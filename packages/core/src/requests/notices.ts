/** Notifies people about requests, in the inbox and by mail, as each of them wants it. */
import { and, asc, eq, gt, inArray, isNotNull, lte, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import type { EventData } from '@turnover/domain/events';
import { requestNotices, type NoticeRow, type RequestAudience } from '@turnover/domain/notification-table';
import { dayMs } from '@turnover/domain/days';
import { mentionedIds, withNames } from '@turnover/domain/requests/mentions';
import { dueWarnings } from '@turnover/domain/requests/requests';
import type { DeliveryRequest } from '../access.ts';
import type { Context, PersonContext } from '../context.ts';
import { notify } from '../notifications/inbox.ts';
import { viewPeople } from '../people/person-view.ts';
import { assignedCompanyOf, coordinatorsOf, fulfillersOf, peopleWhoSee, type Addressee } from './people.ts';
import { findType } from './types.ts';

type RequestNotice = keyof typeof requestNotices;
type Subject = Pick<DeliveryRequest, 'id' | 'projectId' | 'name'>;
type Tools = Pick<Context, 'clock' | 'newId'>;
/** `round`: number of the submitted round that the notification is about. */
type Facts = { actorId: string | null; round?: number } & EventData;

/** Notifies the audience that the table names for this kind: each person once, and never the actor. */
export function notifyOfRequest(
  tx: Transaction,
  ctx: Tools,
  kind: Exclude<RequestNotice, 'request.assigned' | 'request.dueSoon' | 'request.comment'>,
  request: Subject,
  data: Facts,
): void {
  const { to }: NoticeRow<RequestAudience> = requestNotices[kind];
  const people = to.flatMap((audience) => audiences[audience](tx, request, data.actorId));
  notifyPeople(tx, ctx, kind, request, people, data);
}

/** People to notify, by audience. `mentioned` is empty here, because `notifyComment` passes the mentioned people itself. */
const audiences: Record<
  RequestAudience,
  (tx: Transaction, request: Subject, actorId: string | null) => Addressee[]
> = {
  assignees: (tx, request) => fulfillersOf(tx, request),
  coordinators: (tx, { projectId }) => coordinatorsOf(tx, projectId),
  coordinatorsOfOthersActs: (tx, { projectId }, actorId) => {
    const coordinators = coordinatorsOf(tx, projectId);
    return coordinators.some(({ id }) => id === actorId) ? [] : coordinators;
  },
  mentioned: () => [],
};

/** Notifications that link to the page of the round, which shows what was submitted and why it was sent back. */
const aboutRounds: ReadonlySet<RequestNotice> = new Set(['request.submitted', 'request.redelivery']);

function notifyPeople(
  tx: Transaction,
  ctx: Tools,
  kind: RequestNotice,
  { id, projectId, name }: Subject,
  people: readonly Addressee[],
  { actorId, ...data }: Facts,
): void {
  const page = `/p/${projectId}/deliveries/${id}`;
  const href = data.round !== undefined && aboutRounds.has(kind) ? `${page}/rounds/${data.round}` : page;
  for (const [userId, { email }] of new Map(people.map((person) => [person.id, person]))) {
    const facts = { request: name, requestId: id, href, ...data };
    notify(tx, ctx, { userId, email, kind, projectId, actorId, data: facts });
  }
}

/** Notifies new assignees: what is asked, until when, and for which company. `assignedBefore`: people who were assigned already. */
export function notifyAssigned(
  tx: Transaction,
  ctx: Tools,
  request: DeliveryRequest,
  assignedBefore: readonly Addressee[],
  actorId: string,
): void {
  const known = new Set(assignedBefore.map(({ id }) => id));
  const added = fulfillersOf(tx, request).filter(({ id }) => !known.has(id));
  const type = request.typeId === null ? null : (findType(tx, request.typeId)?.name ?? null);
  const facts = { actorId, dueAt: request.dueAt, type };
  // Each person reads of their own company only, because partners must not learn of each other.
  for (const [company, people] of Map.groupBy(added, ({ id }) => assignedCompanyOf(tx, request, id))) {
    notifyPeople(tx, ctx, 'request.assigned', request, people, { ...facts, company });
  }
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
      // Skips warnings that are more than a day late, for example after the hub was off for long.
      gt(requests.dueAt, now + beforeMs - staleMs),
      sql`coalesce(${requests.warnedOf}, '') <> ${name} || ':' || ${requests.dueAt}`,
    );
    inTransaction(ctx.db, (tx) => {
      const due = tx.select().from(requests).where(isDue).orderBy(asc(requests.dueAt)).limit(maxAtOnce).all();
      for (const request of due) {
        const people = audiences[audience](tx, request, null);
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
