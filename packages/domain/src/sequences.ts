/** Image sequences: which names are frames, and what the frames of one sequence have in common. */
import { nameKey } from './names.ts';

export type FrameName = {
  /** Name of the sequence, with `#` for each digit of the frame number: `shot.####.exr`. */
  pattern: string;
  frame: number;
};

/** Formats that are used for frames and hardly for anything else. */
const frameFormats = new Set('dpx exr tif tiff cin tga'.split(' '));
/** Formats of single pictures, too: they are frames only where a dot says so. */
const pictureFormats = new Set('png jpg jpeg jp2 j2c j2k webp heic'.split(' '));

/** `shot.1001.exr`; or four digits and more after `_` or `-`, which in a photograph's name are a year or a count. */
const frameName = /^(.*?)(?:(\.)(\d{2,9})|([_-])(\d{4,9}))\.([^.]+)$/s;

/** How a frame's name is read, or null for every other name. */
export function parseFrameName(name: string): FrameName | null {
  const [, stem, dot, afterDot, dash, afterDash, extension] = frameName.exec(name) ?? [];
  const digits = afterDot ?? afterDash;
  if (stem === undefined || digits === undefined || extension === undefined) return null;
  const format = extension.toLowerCase();
  const isFrame = frameFormats.has(format) || (dot !== undefined && pictureFormats.has(format));
  if (stem === '' || !isFrame) return null;
  return { pattern: `${stem}${dot ?? dash}${'#'.repeat(digits.length)}.${extension}`, frame: Number(digits) };
}

/** Names the sequence among what is kept in one folder; no file can have it as its own key, because of the slash. */
export function sequenceKey(pattern: string): string {
  return `/${nameKey(pattern)}`;
}

/** The name of a frame of the sequence: the reverse of `parseFrameName`. */
export function frameNameOf(pattern: string, frame: number): string {
  return pattern.replace(/#+(?=\.[^.]+$)/, (marks) => String(frame).padStart(marks.length, '0'));
}

/** Names of the frames a sequence has, first and last in brackets: `shot.[1001-1240].exr`. */
export function sequenceLabel(pattern: string, firstFrame: number, lastFrame: number): string {
  const padded = (frame: number, length: number) => String(frame).padStart(length, '0');
  return pattern.replace(/#+(?=\.[^.]+$)/, ({ length }) =>
    firstFrame === lastFrame
      ? padded(firstFrame, length)
      : `[${padded(firstFrame, length)}-${padded(lastFrame, length)}]`,
  );
}

/** Frames between the first and the last that are not there. */
export function missingFrames(firstFrame: number, lastFrame: number, frames: number): number {
  return lastFrame - firstFrame + 1 - frames;
}
