/**
 * The layout that all frames of a sequence share: format, size, depth and channels. Its words are the same in every
 * language.
 */
import { z } from 'zod';
import type { MediaReport } from './media-report.ts';

/**
 * Returns null when the report has no picture of a known size. EXR data windows and compression are left out, because
 * they may differ from frame to frame.
 */
export function frameLayout({ container, tracks, details }: MediaReport): string | null {
  const picture = tracks.find((track) => track.kind === 'picture');
  if (picture?.width === undefined || picture.height === undefined) return null;
  const { width, height, bitDepth, isFloat, chroma, pixelAspect } = picture;
  return [
    container,
    `${width}×${height}`,
    ...(bitDepth === undefined ? [] : [`${bitDepth} bit${isFloat ? ' float' : ''}`]),
    ...(details.channels ? [details.channels] : chroma === undefined ? [] : [chroma]),
    ...(pixelAspect === undefined || pixelAspect === 1 ? [] : [`${pixelAspect}:1`]),
  ].join(', ');
}

/** The frames of a sequence that share one layout. */
export const layoutGroup = z.object({
  layout: z.string(),
  /** Names of the frames: `shot.1001.dpx`, or `shot.[1001-1040, 1101].dpx`. */
  frames: z.string(),
  count: z.number(),
});
export type LayoutGroup = z.infer<typeof layoutGroup>;
/** Files with more layouts than this do not count as one sequence. */
export const maxLayouts = 50;
