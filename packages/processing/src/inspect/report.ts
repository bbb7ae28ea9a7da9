/** Builds a valid report from facts that may be missing. */
import {
  maxReportDetails,
  maxTracks,
  type MediaReport,
  type MediaTrack,
} from '@turnover/domain/media/media-report';
import { known, textFact } from './values.ts';

type Parts = {
  reader: string;
  container: string;
  durationMs?: number | undefined;
  bitRate?: number | undefined;
  startTimecode?: string | undefined;
  dropFrame?: boolean | undefined;
  tracks: readonly MediaTrack[];
  details: Record<string, string | undefined>;
};

export function reportOf({ reader, container, tracks, details, ...facts }: Parts): MediaReport {
  const entries = Object.entries(details)
    .map(([label, value]) => [label.slice(0, 60), textFact(value)] as const)
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  return {
    reader,
    container: textFact(container) ?? 'unknown',
    ...known(facts),
    ...(tracks.length > maxTracks && { trackCount: tracks.length }),
    tracks: tracks.slice(0, maxTracks),
    details: Object.fromEntries(entries.slice(0, maxReportDetails)),
  };
}
