/** Comments at a request. */
import { z } from 'zod';
import { createComment, listComments, removeComment, updateComment } from '@turnover/core/comments';
import { peopleWhoSee } from '@turnover/core/request-people';
import {
  commentListView,
  commentView,
  createCommentInput,
  listCommentsInput,
  updateCommentInput,
} from '@turnover/domain/comments';
import { onOwnComment, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const commentsRouter = t.router({
  list: onRequest('request:view')
    .input(listCommentsInput)
    .output(commentListView)
    .query(({ ctx, input }) => listComments(ctx.hub, ctx.request, input)),
  /** Who can be mentioned: everybody who sees the request. */
  people: onRequest('request:comment')
    .output(z.array(z.object({ id: z.string(), name: z.string() })))
    .query(({ ctx }) => peopleWhoSee(ctx.hub.db, ctx.request).map(({ id, name }) => ({ id, name }))),
  create: onRequest('request:comment')
    .input(createCommentInput)
    .output(commentView)
    .mutation(({ ctx, input }) => createComment(ctx.hub, ctx.request, input)),
  update: onOwnComment
    .input(updateCommentInput)
    .output(commentView)
    .mutation(({ ctx, input }) => updateComment(ctx.hub, ctx.comment, input)),
  remove: onOwnComment.output(z.void()).mutation(({ ctx }) => removeComment(ctx.hub, ctx.comment)),
});
