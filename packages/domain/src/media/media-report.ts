/**
 * The result of inspection: the container of a file, and the facts of each track. A key is absent where the value is
 * unknown.
 */
import { z } from 'zod';
import { plainLine } from './stage-words.ts';

const text = z.string().trim().min(1).max(200).transform(plainLine);
const amount = z.number().nonnegative();
/** A fraction, because 23.976 frames per second is 24000/1001. */
const fraction = z.tuple([z.int().positive(), z.int().positive()]);
export type Fraction = z.infer<typeof fraction>;

const common = {
  codec: text,
  codecProfile: text,
  durationMs: amount,
  /** Bits per second. */
  bitRate: amount,
  /** A BCP 47 language tag, as the file states it. */
  language: text,
};

const pictureTrack = z.strictObject({
  kind: z.literal('picture'),
  ...z
    .strictObject({
      ...common,
      width: z.int().nonnegative(),
      height: z.int().nonnegative(),
      /** Where EXR stores pixels, as `x,y width×height`; absent when it is the whole picture. */
      dataWindow: text,
      compression: text,
      pixelAspect: amount,
      /** Frames per second. */
      frameRate: fraction,
      frames: z.int().nonnegative(),
      scan: z.enum(['progressive', 'interlaced', 'segmented']),
      fieldOrder: z.enum(['top_first', 'bottom_first']),
      bitDepth: z.int().positive(),
      isFloat: z.boolean(),
      chroma: text,
      primaries: text,
      transfer: text,
      matrix: text,
      range: z.enum(['full', 'limited']),
      hdrFormat: text,
      /** Luminance of the mastering display (SMPTE ST 2086), in candela per square metre. */
      masteringMin: amount,
      masteringMax: amount,
      maxCll: amount,
      maxFall: amount,
    })
    .partial().shape,
});

const soundTrack = z.strictObject({
  kind: z.literal('sound'),
  ...z
    .strictObject({
      ...common,
      channels: z.int().positive(),
      /** The channel positions in order: `L R C LFE Ls Rs`. */
      layout: text,
      /** Hertz. */
      sampleRate: amount,
      bitDepth: z.int().positive(),
      isFloat: z.boolean(),
    })
    .partial().shape,
});

const textTrack = z.strictObject({
  kind: z.literal('text'),
  ...z
    .strictObject({
      ...common,
      cues: z.int().nonnegative(),
      frameRate: fraction,
      encoding: text,
    })
    .partial().shape,
});

const otherTrack = z.strictObject({ kind: z.literal('other'), ...z.strictObject(common).partial().shape });

export const mediaTrack = z.discriminatedUnion('kind', [pictureTrack, soundTrack, textTrack, otherTrack]);
export type MediaTrack = z.infer<typeof mediaTrack>;
export type PictureTrack = z.infer<typeof pictureTrack>;
export type SoundTrack = z.infer<typeof soundTrack>;
export type TextTrack = z.infer<typeof textTrack>;

/** A report lists this many tracks; further ones are only counted. */
export const maxTracks = 64;
export const maxReportDetails = 40;

export const mediaReport = z.strictObject({
  /** The program that read the file, with its version: `mediainfo 26.05`, `turnover`. */
  reader: text,
  /** For example `QuickTime`, `MXF OP-1a`, `WAVE`, `RF64`, `DPX`, `TTML`. */
  container: text,
  ...z
    .strictObject({
      durationMs: amount,
      bitRate: amount,
      startTimecode: text,
      dropFrame: z.boolean(),
      /** The number of tracks when it exceeds `maxTracks`. */
      trackCount: z.int().nonnegative(),
    })
    .partial().shape,
  tracks: z.array(mediaTrack).max(maxTracks),
  /** Statements of the file about itself, such as `bext.originator` or `software`, as label and value. */
  details: z.record(z.string().min(1).max(60), text).default({}),
});
export type MediaReport = z.infer<typeof mediaReport>;

/** Returns false for a file that holds only text or data, such as subtitles in MXF. */
export function isSeenOrHeard({ tracks }: Pick<MediaReport, 'tracks'>): boolean {
  return tracks.some(({ kind }) => kind === 'picture' || kind === 'sound');
}
