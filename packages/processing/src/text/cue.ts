/** The result of reading subtitles. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';

export type Cue = {
  /** Line number in a text file, from 1. */
  line: number | null;
  fromMs: number;
  /** End time; null when the file states none. */
  toMs: number | null;
  /** Lines without style tags and empty lines; null for a picture, or codes that are not decoded. */
  lines: readonly string[] | null;
};

export type CueFile = {
  cues: readonly Cue[];
  /** Problems of parts that cannot be read as subtitles. */
  problems: readonly MediaProblem[];
  language: string | null;
  framesPerSecond: number | null;
  /** False for formats whose cues may stand in any order. */
  isOrdered: boolean;
  /** True when the file has more than `maxCues` cues; the rest is not read. */
  isCut: boolean;
};

export const maxCues = 50_000;

const shownCharacters = 80;

export function unreadableCue(code: 'cue_unreadable' | 'cue_time_unreadable', line: number, text: string) {
  return { code, line, measured: text.trim().slice(0, shownCharacters) } satisfies MediaProblem;
}
