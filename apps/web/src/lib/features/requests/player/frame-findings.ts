/** Findings on the frames of a sequence. */
import type { FindingView } from '@turnover/domain/requests/findings';
import { framePlace } from '@turnover/domain/sequences/frame-paths';
import type { PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { exactRate } from '@turnover/domain/media/timecodes';
import type { SequenceClock } from '#lib/player/frames/sequence-clock.ts';
import { secondsOf, secondsOfFrame } from '#lib/player/media-clock.ts';
import type { placeAtTimecode } from './moments.ts';

type Finding = Parameters<typeof placeAtTimecode>[1];
type Sequence = Pick<PlayedFramesView, 'folder' | 'firstFile' | 'frames'>;

export function pathIn({ folder }: Pick<Sequence, 'folder'>, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The number of the frame that this file is; null: it is none of this sequence. */
export function frameOfPath(sequence: Sequence, path: string): number | null {
  const place = framePlace(path);
  const own = framePlace(pathIn(sequence, sequence.firstFile.name));
  return place !== null && place.sequenceKey === own?.sequenceKey ? place.frame : null;
}

/**
 * The frame that a finding is about: its file may have another name now, so the ids come first, as far as they are known.
 */
export function frameOfFinding(
  sequence: Sequence,
  file: NonNullable<Finding['file']>,
  frameOfFile: (id: string) => number | undefined,
): number | null {
  const now = file.nowId ? frameOfFile(file.nowId) : undefined;
  return now ?? frameOfFile(file.id) ?? frameOfPath(sequence, file.path);
}

/** Of a round as it was: what was found until then, and was not resolved before. `round`: null for what is there now. */
export function findingsOf<Found extends Pick<FindingView, 'round' | 'checked'>>(
  findings: readonly Found[],
  round: number | null,
): readonly Found[] {
  if (round === null) return findings;
  return findings.filter(
    (finding) => finding.round <= round && (finding.checked === null || finding.checked.round >= round),
  );
}

/** At the frame that its file is, for as long as its timecodes say. */
export function placeAtFrame(
  sequence: Sequence,
  clock: SequenceClock,
  finding: Finding,
  frameOfFile: (id: string) => number | undefined,
): ReturnType<typeof placeAtTimecode> {
  const frame = finding.file ? frameOfFinding(sequence, finding.file, frameOfFile) : null;
  const { first, last } = sequence.frames;
  if (frame === null || frame < first || frame > last) return null;
  const from = secondsOfFrame(clock, frame - first);
  const { timecodeIn, timecodeOut, frameRate } = finding;
  const secondsAt = (moment: string | null) => (moment ? secondsOf(clock, moment, frameRate) : null);
  const [begin, end] = [secondsAt(timecodeIn), secondsAt(timecodeOut)];
  if (begin === null || end === null || end <= begin) return { from, to: null };
  const [frames, seconds] = exactRate(clock.rate);
  const over = ((last - first + sequence.frames.step) * seconds) / frames;
  return { from, to: Math.min(over, from + end - begin) };
}
