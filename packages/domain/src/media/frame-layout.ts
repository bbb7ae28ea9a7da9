/** What all frames of a sequence have in common: their format, size and layout. Its words are the same in every language. */
import { z } from 'zod';
import type { MediaReport } from './media-report.ts';

/** Null: the report has no picture of a known size. Windows of EXR and compressions may differ from frame to frame. */
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

/** The frames of a sequence that have one layout. */
export const layoutGroup = z.object({
  layout: z.string(),
  /** `shot.1001.dpx`, or `shot.[1001-1040, 1101].dpx`. */
  frames: z.string(),
  count: z.number(),
});
export type LayoutGroup = z.infer<typeof layoutGroup>;
/** A sequence with more layouts than this is no sequence any more. */
export const maxLayouts = 50;
