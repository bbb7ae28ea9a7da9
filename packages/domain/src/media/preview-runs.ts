/** Previews that somebody asked for, of files that no request processes: what can be asked, and how far it is. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { mediaReport } from './media-report.ts';
import { previewKind } from './previews.ts';

/** One request of a player: the frames of a second. */
export const maxPreviewsAtOnce = 24;
/** A person who has asked for so many waits until some are made. */
export const maxPreviewsWaiting = 96;
/** Pictures that land in a Workspace leave places for what the person opens. */
export const maxThumbnailsWaiting = 48;
/** Larger images get their thumbnail when somebody opens them. */
export const maxSoonPreviewedBytes = 64 * 1024 ** 2;

export const entryPreviewsInput = z.object({
  projectId: idSchema('project'),
  entryIds: z.array(idSchema('entry')).min(1).max(maxPreviewsAtOnce),
});
export const filePreviewsInput = z.object({
  requestId: idSchema('request'),
  fileIds: z.array(idSchema('deliveredFile')).min(1).max(maxPreviewsAtOnce),
});

export const previewRunView = z.object({
  /** The entry or delivered file. */
  id: z.string(),
  /** What there is: `GET /files/<id>?preview=<kind>`. */
  previews: z.array(previewKind),
  /** `none`: nobody has asked for more, the person has asked for too many, or it failed an hour ago and can be asked for again. */
  status: z.enum(['none', 'waiting', 'ended']),
  /** Why there is not all that could be: one of `stageSkipReasons` or `stageFailures`, or what the program said; null: nothing is missing. */
  reason: z.string().nullable(),
  /** What a player must know of the media. Reading it is no check: the file counts as not inspected. */
  report: mediaReport.nullable(),
});
export type PreviewRunView = z.infer<typeof previewRunView>;
