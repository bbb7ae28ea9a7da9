/** Comments on a request. */
import { z } from 'zod';
import {
  createComment,
  listComments,
  mentionablePeople,
  removeComment,
  updateComment,
} from '@turnover/core/requests/comments';
import {
  commentListView,
  commentView,
  createCommentInput,
  listCommentsInput,
  mentionableView,
  updateCommentInput,
} from '@turnover/domain/requests/comments';
import { onAction, onOwnComment, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const commentsRouter = t.router({
  list: onRequest('request:view')
    .input(listCommentsInput)
    .output(commentListView)
    .query(({ ctx, input }) => listComments(ctx.hub, ctx.request, input)),
  /** The people who can be mentioned: everybody who sees the request. */
  people: onAction('comment')
    .output(z.array(mentionableView))
    .query(({ ctx }) => mentionablePeople(ctx.hub, ctx.request)),
  create: onAction('comment')
    .input(createCommentInput)
    .output(commentView)
    .mutation(({ ctx, input }) => createComment(ctx.hub, ctx.request, input)),
  update: onOwnComment
    .input(updateCommentInput)
    .output(commentView)
    .mutation(({ ctx, input }) => updateComment(ctx.hub, ctx.comment, input)),
  remove: onOwnComment.output(z.void()).mutation(({ ctx }) => removeComment(ctx.hub, ctx.comment)),
});
