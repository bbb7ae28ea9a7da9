/**
 * Previews: small versions of a file that a browser can show. They belong to the bytes, no matter who delivers them.
 */
import { z } from 'zod';

/** The kinds of previews, with the content type that each is served as. None of these types can run in a page. */
export const previewTypes = {
  /** At most 320 pixels wide, for lists. */
  thumbnail: 'image/jpeg',
  poster: 'image/jpeg',
  /** `stripTiles` frames at equal intervals, row by row. */
  strip: 'image/jpeg',
  /** Picture and stereo sound in a codec that every browser plays. */
  proxy: 'video/mp4',
  /** Stereo sound. */
  sound: 'audio/mp4',
  /** The waveform, in the format of `peaks.ts`. */
  peaks: 'application/octet-stream',
  /** Texts and times, in the format of `cue-list.ts`. */
  cues: 'application/json',
} as const;
/** Version of the preview stage. Raise it to make all existing previews again. */
export const previewVersion = 1;

export type PreviewKind = keyof typeof previewTypes;
export const previewKinds = Object.keys(previewTypes) as [PreviewKind, ...PreviewKind[]];
export const previewKind = z.enum(previewKinds);

export const stripColumns = 10;
export const stripRows = 10;
export const stripTiles = stripColumns * stripRows;
