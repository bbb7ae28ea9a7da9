/** Questions to a person: comments that mention them and that they have not answered in the same request. */
import { and, asc, eq, isNull, ne, sql, type SQL } from 'drizzle-orm';
import { comments } from '@turnover/db/schema/comments';
import { requests } from '@turnover/db/schema/requests';
import { maxWorkRows, type WorkQuestionView } from '@turnover/domain/work/work';
import type { PersonContext } from '../context.ts';
import { viewPeople } from '../people/person-view.ts';

/** The latest mention in each request, unless the person has commented after it or the request was cancelled. */
function unanswered(personId: string, visible: SQL | undefined): SQL | undefined {
  const mentionsThem = (table: string) =>
    sql`instr(${sql.raw(table)}.mentions, ${personId}) > 0 and ${sql.raw(table)}.deleted_at is null`;
  return and(
    visible,
    ne(requests.status, 'cancelled'),
    ne(comments.authorId, personId),
    isNull(comments.deletedAt),
    mentionsThem('comments'),
    sql`not exists (
      select 1 from comments as later where later.request_id = ${requests.id} and later.id > ${comments.id}
        and (later.author_id = ${personId} or (${mentionsThem('later')} and later.author_id <> ${personId})))`,
  );
}

/** Sorted by waiting time, longest first. */
export function listQuestions({ db, person }: PersonContext, visible: SQL | undefined): WorkQuestionView[] {
  const rows = db
    .select({ comment: comments, request: { id: requests.id, name: requests.name } })
    .from(comments)
    .innerJoin(requests, eq(requests.id, comments.requestId))
    .where(unanswered(person.id, visible))
    .orderBy(asc(comments.id))
    .limit(maxWorkRows)
    .all();
  const people = viewPeople(
    db,
    rows.flatMap(({ comment }) => [comment.authorId, ...comment.mentions]),
  );
  return rows.map(({ comment, request }) => ({
    kind: 'question',
    request,
    commentId: comment.id,
    by: people.get(comment.authorId)!,
    text: comment.text,
    mentions: comment.mentions.flatMap((id) => people.get(id) ?? []),
    at: comment.createdAt,
  }));
}

export function countQuestions({ db, person }: PersonContext, visible: SQL | undefined): number {
  return db
    .select({ number: sql<number>`count(*)` })
    .from(comments)
    .innerJoin(requests, eq(requests.id, comments.requestId))
    .where(unanswered(person.id, visible))
    .get()!.number;
}
