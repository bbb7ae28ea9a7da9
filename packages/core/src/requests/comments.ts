/** Comments on a request: plain text, by and for the people who see the request. */
import { and, desc, eq, lt } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { comments } from '@turnover/db/schema/comments';
import { inTransaction } from '@turnover/db/transaction';
import type { CommentListView, CommentView, MentionableView } from '@turnover/domain/requests/comments';
import { HubError, notFound } from '@turnover/domain/errors';
import { mentionedIds } from '@turnover/domain/requests/mentions';
import { loadRequest, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { viewPeople } from '../people/person-view.ts';
import { notifyComment } from './notices.ts';
import { peopleWhoSee } from './people.ts';

/** Returns the people who can be mentioned: everybody who sees the request. */
export function mentionablePeople({ db }: PersonContext, request: DeliveryRequest): MentionableView[] {
  const seeing = peopleWhoSee(db, request);
  const views = viewPeople(
    db,
    seeing.map(({ id }) => id),
  );
  return seeing.map(({ id, name }) => ({ id, name, company: views.get(id)?.company ?? null }));
}

type Comment = typeof comments.$inferSelect;
type CommentContent = { text: string; mentions: readonly string[] };

/** Newest first. */
export function listComments(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  { before, limit }: { before?: string | null | undefined; limit: number },
): CommentListView {
  const rows = ctx.db
    .select()
    .from(comments)
    .where(and(eq(comments.requestId, id), before ? lt(comments.id, before) : undefined))
    .orderBy(desc(comments.id))
    .limit(limit + 1)
    .all();
  return { comments: viewComments(ctx, rows.slice(0, limit)), more: rows.length > limit };
}

/** Adds a comment and notifies people. Throws `not_found` for a mention of somebody who does not see the request. */
export function createComment(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  content: CommentContent,
): CommentView {
  const comment = inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'request:comment');
    const mentions = requireMentions(tx, request, content);
    const now = ctx.clock();
    const made = tx
      .insert(comments)
      .values({
        id: ctx.newId('comment'),
        requestId: id,
        authorId: ctx.person.id,
        text: content.text,
        mentions,
        createdAt: now,
      })
      .returning()
      .get();
    const { projectId } = request;
    // The event records only that somebody commented; the text is stored in `comments` alone.
    appendEvent(tx, ctx.clock, {
      kind: 'request.commented',
      projectId,
      requestId: id,
      actorId: ctx.person.id,
      data: { commentId: made.id },
    });
    notifyComment(tx, ctx, request, made);
    return made;
  });
  return viewComments(ctx, [comment])[0]!;
}

/** Changes the person's own comment, and notifies people whose mention is new. */
export function updateComment(
  ctx: PersonContext,
  { id }: Pick<Comment, 'id'>,
  content: CommentContent,
): CommentView {
  const comment = inTransaction(ctx.db, (tx) => {
    const { comment: before, request } = loadOwnComment(tx, ctx, id);
    const mentions = requireMentions(tx, request, content, before.mentions);
    const now = ctx.clock();
    const changed = tx
      .update(comments)
      .set({ text: content.text, mentions, editedAt: now })
      .where(eq(comments.id, id))
      .returning()
      .get();
    signalChange(tx, ctx, request);
    const added = mentions.filter((userId) => !before.mentions.includes(userId));
    notifyComment(tx, ctx, request, { ...changed, mentions: added }, 'mentioned');
    return changed;
  });
  return viewComments(ctx, [comment])[0]!;
}

/** Empties the comment and keeps its place in the list. */
export function removeComment(ctx: PersonContext, { id }: Pick<Comment, 'id'>): void {
  inTransaction(ctx.db, (tx) => {
    const { request } = loadOwnComment(tx, ctx, id);
    tx.update(comments)
      .set({ text: '', mentions: [], deletedAt: ctx.clock() })
      .where(eq(comments.id, id))
      .run();
    signalChange(tx, ctx, request);
  });
}

/** Throws `not_found` when the person does not see the request, and `forbidden` for other people's comments. */
export function loadOwnComment(
  db: Reader,
  { person }: PersonContext,
  commentId: string,
): { comment: Comment; request: DeliveryRequest } {
  const comment = db.select().from(comments).where(eq(comments.id, commentId)).get();
  if (!comment) throw notFound();
  const request = loadRequest(db, person, comment.requestId, 'request:comment');
  if (comment.authorId !== person.id) {
    throw new HubError('forbidden', 'Only the author can change a comment.');
  }
  if (comment.deletedAt !== null) throw new HubError('conflict', 'This comment was deleted.');
  return { comment, request };
}

/** Throws unless everybody mentioned sees the request, or is in `before` and may have left since. */
function requireMentions(
  db: Reader,
  request: DeliveryRequest,
  { text, mentions }: CommentContent,
  before: readonly string[] = [],
): string[] {
  const named = [...new Set([...mentionedIds(text), ...mentions])];
  if (named.length === 0) return named;
  const seeing = new Set([...peopleWhoSee(db, request).map(({ id }) => id), ...before]);
  const blind = named.find((id) => !seeing.has(id));
  if (blind === undefined) return named;
  // People who do not exist get the same answer.
  throw new HubError('not_found', 'Only people who see the request can be mentioned.', {
    field: 'mentions',
    userId: blind,
  });
}

function signalChange(tx: Transaction, ctx: PersonContext, { id, projectId }: DeliveryRequest): void {
  appendEvent(tx, ctx.clock, {
    kind: 'request.commentChanged',
    projectId,
    requestId: id,
    actorId: ctx.person.id,
  });
}

function viewComments({ db, person }: PersonContext, rows: readonly Comment[]): CommentView[] {
  const people = viewPeople(
    db,
    rows.flatMap(({ authorId, mentions }) => [authorId, ...mentions]),
  );
  return rows.map(({ id, authorId, text, mentions, createdAt, editedAt, deletedAt }) => ({
    id,
    text,
    createdAt,
    editedAt,
    deletedAt,
    author: people.get(authorId)!,
    mentions: mentions.flatMap((userId) => people.get(userId) ?? []),
    isMine: authorId === person.id,
  }));
}
