/** Reads movies, and sound other than WAVE, with MediaInfo. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { isRecord, runMediaInfo, type MediaInfoResult, type RawTrack } from './run.ts';
import { frameRateOf, tracksOf } from './tracks.ts';
import type { FormatName } from '../formats.ts';
import { truncated, unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import { walkBoxes } from './boxes.ts';
import type { Source } from '../source.ts';
import { timecodeProblems, timecodesIn } from './timecodes.ts';
import { amountFact, millisecondsOf, textFact } from '../values.ts';

const inBoxes: readonly FormatName[] = ['quicktime', 'mp4', 'm4a'];

export async function readByMediaInfo(
  format: FormatName,
  source: Source,
  signal: AbortSignal,
): Promise<InspectionRead | InspectionFailed> {
  let isWhole = false;
  if (inBoxes.includes(format)) {
    const walk = walkBoxes(source);
    isWhole = walk.kind === 'whole';
    if (walk.kind === 'cut') return truncated(source.sizeBytes, walk.expectedBytes);
    if (walk.kind === 'no_index') return unreadable('no_index');
  }
  const result = await runMediaInfo(source, signal);
  return result ? judge(result, source.sizeBytes, isWhole) : unreadable('reader_failed');
}

export function judge(
  { version, tracks: raw }: MediaInfoResult,
  sizeBytes: number,
  isWhole = false,
): InspectionRead | InspectionFailed {
  const general = raw.find((track) => track['@type'] === 'General') ?? {};
  // MediaInfo mistakes bytes behind the last box for a truncated box.
  const cut = !isWhole && isRecord(general.extra) && general.extra.IsTruncated === 'Yes';
  if (cut) return truncated(sizeBytes, expectedBytes(general.extra));
  const tracks = tracksOf(raw);
  if (textFact(general.Format) === undefined || tracks.length === 0) return unreadable('no_tracks');
  const timecodes = timecodesIn(raw);
  const startTimecode = timecodes[0]?.text;
  const report = reportOf({
    reader: `mediainfo ${version}`,
    container: containerOf(general),
    durationMs: millisecondsOf(amountFact(general.Duration)),
    bitRate: amountFact(general.OverallBitRate),
    startTimecode,
    dropFrame: timecodes[0]?.isDrop,
    tracks,
    details: detailsOf(general, raw),
  });
  return { kind: 'read', report, problems: [...timecodeProblems(timecodes), ...essenceProblems(raw)] };
}

function containerOf(general: RawTrack): string {
  const [format, profile] = [textFact(general.Format)!, textFact(general.Format_Profile)];
  if (format === 'MPEG-4') return profile === 'QuickTime' ? 'QuickTime' : 'MPEG-4';
  return format === 'MXF' && profile !== undefined ? `MXF ${profile}` : format;
}

/** Returns the size that MediaInfo expects, which it states only in a sentence. */
function expectedBytes(extra: unknown): number | undefined {
  const found = /expected size \(actual \d+[^,]{0,20}, expected (\d{1,15})/.exec(JSON.stringify(extra));
  return found ? Number(found[1]) : undefined;
}

function detailsOf(general: RawTrack, raw: readonly RawTrack[]): Record<string, string | undefined> {
  const joined = (...keys: string[]) =>
    textFact([...new Set(keys.map((key) => textFact(general[key])).filter(Boolean))].join(' '));
  const first = (key: string) => textFact(raw.find((track) => track['@type'] === 'Video')?.[key]);
  return {
    title: textFact(general.Title) ?? textFact(general.Movie) ?? textFact(general.PackageName),
    software:
      joined('Encoded_Application_CompanyName', 'Encoded_Application_Name', 'Encoded_Application_Version') ??
      textFact(general.Encoded_Application),
    library: joined('Encoded_Library_Name', 'Encoded_Library_Version') ?? textFact(general.Encoded_Library),
    date: dateFact(general.Encoded_Date),
    performer: textFact(general.Performer),
    album: textFact(general.Album),
    comment: textFact(general.Comment),
    wrapping: first('Format_Settings_Wrapping'),
    masteringPrimaries: first('MasteringDisplay_ColorPrimaries'),
    hdrVersion: first('HDR_Format_Version')?.replace(/^[/ ]+/, ''),
    hdrCompatibility: first('HDR_Format_Compatibility'),
  };
}

/** Returns a date. Some writers leave it empty, which MediaInfo shows as the year zero. */
function dateFact(value: unknown): string | undefined {
  const date = textFact(value);
  return date !== undefined && /^0+-/.test(date) ? undefined : date;
}

/** Facts that both container and essence state. MediaInfo adds `_Original` when the essence differs. */
const stated = [
  'Width',
  'Height',
  'FrameRate',
  'BitDepth',
  'ScanType',
  'colour_primaries',
  'transfer_characteristics',
  'matrix_coefficients',
  'Channels',
  'SamplingRate',
];

function essenceProblems(raw: readonly RawTrack[]): MediaProblem[] {
  const tracks = raw.filter((track) =>
    ['Video', 'Image', 'Audio', 'Text', 'Other'].includes(String(track['@type'])),
  );
  return tracks.flatMap((track, index) =>
    stated.flatMap((key): MediaProblem[] => {
      const [container, essence] = [textFact(track[key]), textFact(track[`${key}_Original`])];
      if (container === undefined || essence === undefined || container === essence) return [];
      // The essence of D-10 has lines above the picture, which the container counts separately.
      if (track[`${key}_Offset`] !== undefined || (key === 'FrameRate' && isClose(track))) return [];
      const words = key
        .replaceAll('_', ' ')
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase();
      return [{ code: 'header_differs', track: index, measured: `${words} ${essence}`, wanted: container }];
    }),
  );
}

/** Returns true for rates that agree except for the last digits, as variable rates do. */
function isClose(track: RawTrack): boolean {
  const [over, under] = frameRateOf(track) ?? [0, 1];
  const essence = amountFact(track.FrameRate_Original);
  return essence !== undefined && Math.abs(over / under - essence) < 0.01;
}
