/** Comments on a request. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { idSchema } from '../ids.ts';
import { mentionedIds, writtenLength } from './mentions.ts';
import { textSchema } from '../names/schemas.ts';
import { requestIdInput } from './requests.ts';

export const maxCommentLength = 4000;
export const maxMentions = 50;
/** A mention is a token `<@usr_…>` and counts as one character. Any other `@` is plain text. */
const commentText = textSchema(maxCommentLength + 40 * maxMentions)
  .pipe(z.string().min(1))
  .refine((text) => writtenLength(text) <= maxCommentLength, {
    error: `A comment has ${maxCommentLength} characters at most.`,
  })
  .refine((text) => mentionedIds(text).length <= maxMentions, {
    error: `A comment mentions ${maxMentions} people at most.`,
  });
/** People to mention besides those in the text. Throws `not_found` for people who do not see the request. */
const mentions = z.array(idSchema('user')).max(maxMentions).default([]);

export const createCommentInput = requestIdInput.extend({ text: commentText, mentions });
export const commentIdInput = z.object({ commentId: idSchema('comment') });
export const updateCommentInput = commentIdInput.extend({ text: commentText, mentions });
export const listCommentsInput = requestIdInput.extend({
  /** The id of the oldest comment that the reader has. */
  before: idSchema('comment').nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});

export const commentView = z.object({
  id: z.string(),
  author: personView,
  /** Contains a token for each mention; `mentions` has their names. Empty when the comment was deleted. */
  text: z.string(),
  mentions: z.array(personView),
  createdAt: z.number(),
  editedAt: z.number().nullable(),
  deletedAt: z.number().nullable(),
  isMine: z.boolean(),
});
export type CommentView = z.infer<typeof commentView>;
/** Newest first. */
export const commentListView = z.object({ comments: z.array(commentView), more: z.boolean() });
export type CommentListView = z.infer<typeof commentListView>;

/** A person who can be mentioned on a request. */
export const mentionableView = z.object({ id: z.string(), name: z.string(), company: z.string().nullable() });
export type MentionableView = z.infer<typeof mentionableView>;
