/** Previews on demand, for files that no request processes: what can be asked for, and the progress. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { mediaReport } from './media-report.ts';
import { previewKind } from './previews.ts';

/** The most previews in one request. A player asks for the frames of one second. */
export const maxPreviewsAtOnce = 24;
/** The most previews that one person may have waiting; further ones are refused until some are made. */
export const maxPreviewsWaiting = 96;
/** The limit for thumbnails of newly uploaded pictures. It is lower, so that files the person opens still find room. */
export const maxThumbnailsWaiting = 48;
/** Size limit for automatic thumbnails. Larger images get theirs when somebody opens them. */
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
  /** Id of the entry or delivered file. */
  id: z.string(),
  /** The existing previews: `GET /files/<id>?preview=<kind>`. */
  previews: z.array(previewKind),
  /**
   * `none`: nobody has asked for more, the person has too many waiting, or the last attempt failed an hour ago and can
   * be repeated.
   */
  status: z.enum(['none', 'waiting', 'ended']),
  /**
   * Why a preview is missing: one of `stageSkipReasons` or `stageFailures`, or the error of the program; null when
   * nothing is missing.
   */
  reason: z.string().nullable(),
  /** The facts that a player needs. Reading them is no check: the file still counts as not inspected. */
  report: mediaReport.nullable(),
});
export type PreviewRunView = z.infer<typeof previewRunView>;
