/** An image sequence as a player takes it: what it counts, and the files of a stretch of frames. */
import { z } from 'zod';
import { frameRates } from '../media/timecodes.ts';
import { framesView } from '../workspace/entries.ts';
import { maxFrame } from './frame-names.ts';

/** Frame numbers of one answer: ten seconds. */
export const maxFramesAtOnce = 250;
/** More gaps than this are counted, but not listed. */
export const maxPlayedGaps = 500;

const round = {
  /** A submitted round as it was; null: what is there now, or the round in which a removed file was added. */
  round: z.number().int().min(1).nullable().default(null),
};
/** A stretch of frame numbers. Some of them may be missing. */
const stretch = {
  from: z.number().int().min(-maxFrame).max(maxFrame),
  count: z.number().int().min(1).max(maxFramesAtOnce).default(maxFramesAtOnce),
};
export const framesOfFileInput = z.object(round);
export const frameFilesOfEntryInput = z.object(stretch);
export const frameFilesOfFileInput = z.object({ ...stretch, ...round });
export type FrameStretch = z.infer<typeof frameFilesOfEntryInput>;

const playedFrame = z.object({ id: z.string(), frame: z.number(), name: z.string() });
export type PlayedFrame = z.infer<typeof playedFrame>;
/** In order, with one file for each number. */
export const frameFilesView = z.array(playedFrame);

export const playedFramesView = z.object({
  /** Its folders in a request; empty at the top, and in a Workspace. */
  folder: z.string(),
  /** `shot.####.exr` */
  name: z.string(),
  frames: framesView,
  /** The only frame rate that the request's type allows; null: none, or several. */
  wantedRate: z.enum(frameRates).nullable(),
  /** The bytes of its frames themselves may be shown to this person. */
  mayShowOriginals: z.boolean(),
  /** The lowest frame. */
  firstFile: playedFrame,
  /** Those of the first numbers. */
  files: frameFilesView,
});
export type PlayedFramesView = z.infer<typeof playedFramesView>;

/** One file for each number: of several the first. */
export function oneForEachNumber(sorted: readonly PlayedFrame[]): PlayedFrame[] {
  return sorted.filter(({ frame }, at) => frame !== sorted[at - 1]?.frame);
}
