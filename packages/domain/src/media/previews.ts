/** Previews: what the hub makes of a file so that a browser can show it. They belong to the bytes, whoever delivers them. */
import { z } from 'zod';

/** The files of a preview, with the type that each is served as. None of these types can run in a page. */
export const previewTypes = {
  /** At most 320 pixels wide, for lists. */
  thumbnail: 'image/jpeg',
  poster: 'image/jpeg',
  /** `stripTiles` moments in equal distances, row by row. */
  strip: 'image/jpeg',
  /** Picture and stereo sound in a form that every browser plays. */
  proxy: 'video/mp4',
  /** Stereo. */
  sound: 'audio/mp4',
  /** The waveform: `peaks.ts`. */
  peaks: 'application/octet-stream',
  /** Texts and times: `cue-list.ts`. */
  cues: 'application/json',
} as const;
/** What the stage makes. A higher number has previews made anew that are there already. */
export const previewVersion = 1;

export type PreviewKind = keyof typeof previewTypes;
export const previewKinds = Object.keys(previewTypes) as [PreviewKind, ...PreviewKind[]];
export const previewKind = z.enum(previewKinds);

export const stripColumns = 10;
export const stripRows = 10;
export const stripTiles = stripColumns * stripRows;
