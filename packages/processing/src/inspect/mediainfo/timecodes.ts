/** Reads the timecodes that the tracks of a movie state, and compares them. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { RawTrack } from './run.ts';
import { textFact } from '../values.ts';

export type TrackTimecode = { text: string; isDrop: boolean };

const written = /^\d\d:\d\d:\d\d[:;]\d{2,3}$/;

/** Timecode tracks come first: the material package of an MXF file comes before its source packages. */
export function timecodesIn(raw: readonly RawTrack[]): TrackTimecode[] {
  const tracks = raw.filter((track) => track['@type'] === 'Other' && track.Type === 'Time code');
  const pictures = raw.filter((track) => track['@type'] === 'Video');
  return [...tracks, ...pictures].flatMap((track): TrackTimecode[] => {
    const text = textFact(track.TimeCode_FirstFrame);
    return text !== undefined && written.test(text) ? [{ text, isDrop: text.includes(';') }] : [];
  });
}

/** Compares all other timecodes with the first one. */
export function timecodeProblems([first, ...others]: readonly TrackTimecode[]): MediaProblem[] {
  if (!first) return [];
  const problems: MediaProblem[] = [];
  const differs = others.find(({ text }) => digits(text) !== digits(first.text));
  if (differs) problems.push({ code: 'timecode_differs', measured: differs.text, wanted: first.text });
  const otherFlag = others.find(({ isDrop }) => isDrop !== first.isDrop);
  if (otherFlag) problems.push({ code: 'drop_frame_differs', measured: otherFlag.text, wanted: first.text });
  return problems;
}

function digits(timecode: string): string {
  return timecode.replace(';', ':');
}
