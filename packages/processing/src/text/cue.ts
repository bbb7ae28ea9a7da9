/** What the readers of subtitles return. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';

export type Cue = {
  /** In a text file, from 1. */
  line: number | null;
  fromMs: number;
  /** Null where the file gives none. */
  toMs: number | null;
  /** Without marks of style and without empty lines; null: a picture, or codes that are not read. */
  lines: readonly string[] | null;
};

export type CueFile = {
  cues: readonly Cue[];
  /** What cannot be read as subtitles. */
  problems: readonly MediaProblem[];
  language: string | null;
  framesPerSecond: number | null;
  /** False: subtitles may stand in any order. */
  isOrdered: boolean;
  /** There are more than `maxCues`. */
  isCut: boolean;
};

export const maxCues = 50_000;

const shownCharacters = 80;

export function unreadableCue(code: 'cue_unreadable' | 'cue_time_unreadable', line: number, text: string) {
  return { code, line, measured: text.trim().slice(0, shownCharacters) } satisfies MediaProblem;
}
