/** Compares the facts of a report with each other. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { MediaReport, PictureTrack } from '@turnover/domain/media/media-report';

export function crossChecks(report: MediaReport): MediaProblem[] {
  return [
    ...unequalTracks(report),
    ...dropFlag(report),
    ...report.tracks.flatMap((track, index) => (track.kind === 'picture' ? hdrProblems(track, index) : [])),
  ];
}

/** Length of a frame in a file without a picture: 25 frames a second. */
const defaultFrameMs = 40;

/**
 * Reports tracks of unequal length. Picture and sound may differ by one frame, because samples and frames seldom end
 * together.
 */
function unequalTracks({ tracks }: MediaReport): MediaProblem[] {
  const played = tracks.flatMap((track, index) => {
    const { kind, durationMs } = track;
    return (kind === 'picture' || kind === 'sound') && durationMs !== undefined
      ? [{ index, durationMs }]
      : [];
  });
  const picture = tracks.find((track) => track.kind === 'picture');
  const [over, under] = picture?.frameRate ?? [1000, defaultFrameMs];
  const frameMs = (1000 * under) / over;
  const first = played.find(({ index }) => tracks[index] === picture) ?? played[0];
  if (!first) return [];
  return played
    .filter(({ durationMs }) => Math.abs(durationMs - first.durationMs) > frameMs + 1)
    .map(({ index, durationMs }) => ({
      code: 'tracks_unequal' as const,
      track: index,
      measured: seconds(durationMs),
      wanted: seconds(first.durationMs),
    }));
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

/** Reports a drop frame flag that the rate does not allow: only 30000/1001 and its multiples drop frames. */
function dropFlag({ dropFrame, tracks, startTimecode }: MediaReport): MediaProblem[] {
  const rate = tracks.find((track) => track.kind === 'picture')?.frameRate;
  if (dropFrame !== true || !rate) return [];
  const [over, under] = rate;
  if (under === 1001 && over % 30_000 === 0) return [];
  const speed = Number((over / under).toFixed(3));
  return [
    { code: 'drop_frame_differs', measured: startTimecode ?? 'drop frame', wanted: `non-drop at ${speed}` },
  ];
}

function hdrProblems(track: PictureTrack, index: number): MediaProblem[] {
  const problems: MediaProblem[] = [];
  const { transfer, masteringMax, maxCll, maxFall } = track;
  // HLG needs no mastering display: it adapts to the display that shows it (ITU-R BT.2100).
  if (transfer === 'PQ' && masteringMax === undefined) {
    problems.push({ code: 'hdr_incomplete', track: index, measured: 'PQ', wanted: 'SMPTE ST 2086' });
  }
  const compare = (name: string, value: number | undefined, limitName: string, limit: number | undefined) => {
    // Zero means "unknown" in these fields.
    if (!value || !limit || value <= limit) return;
    const wanted = `at most ${limitName} ${limit}`;
    problems.push({ code: 'hdr_levels', track: index, measured: `${name} ${value}`, wanted });
  };
  compare('MaxFALL', maxFall, 'MaxCLL', maxCll);
  compare('MaxCLL', maxCll, 'mastering peak', masteringMax);
  return problems;
}
