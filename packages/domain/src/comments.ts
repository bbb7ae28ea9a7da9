/** Comments at a request. */
import { z } from 'zod';
import { personView } from './accounts.ts';
import { idSchema } from './ids.ts';
import { textSchema } from './names.ts';
import { requestIdInput } from './requests.ts';

const commentText = textSchema(4000).pipe(z.string().min(1));
/** People who see the request; whoever does not is refused. */
const mentions = z.array(idSchema('user')).max(50).default([]);

export const createCommentInput = requestIdInput.extend({ text: commentText, mentions });
export type CreateCommentInput = z.infer<typeof createCommentInput>;
export const commentIdInput = z.object({ commentId: idSchema('comment') });
export const updateCommentInput = commentIdInput.extend({ text: commentText, mentions });
export const listCommentsInput = requestIdInput.extend({
  /** The id of the oldest comment told so far. */
  before: idSchema('comment').nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});

export const commentView = z.object({
  id: z.string(),
  author: personView,
  /** Empty when it was deleted. */
  text: z.string(),
  mentions: z.array(personView),
  createdAt: z.number(),
  editedAt: z.number().nullable(),
  deletedAt: z.number().nullable(),
  isMine: z.boolean(),
});
export type CommentView = z.infer<typeof commentView>;
/** The newest first. */
export const commentListView = z.object({ comments: z.array(commentView), more: z.boolean() });
export type CommentListView = z.infer<typeof commentListView>;
