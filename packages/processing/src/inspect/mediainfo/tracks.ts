/** Converts the tracks of MediaInfo to those of a report. */
import type { MediaTrack, PictureTrack, SoundTrack, TextTrack } from '@turnover/domain/media/media-report';
import type { RawTrack } from './run.ts';
import {
  amountFact,
  countFact,
  fractionFact,
  known,
  millisecondsOf,
  rateFact,
  textFact,
  wholeFact,
} from '../values.ts';

/** Returns the tracks. Skips what MediaInfo also calls tracks: the whole file, and lists of chapters. */
export function tracksOf(raw: readonly RawTrack[]): MediaTrack[] {
  return raw.flatMap((track): MediaTrack[] => {
    switch (track['@type']) {
      case 'Video':
      case 'Image':
        return [pictureTrack(track)];
      case 'Audio':
        return [soundTrack(track)];
      case 'Text':
        return [textTrack(track)];
      case 'Other':
        return [{ kind: 'other', ...common(track) }];
      default:
        return [];
    }
  });
}

function common(track: RawTrack) {
  return known({
    codec: textFact(track.Format) ?? textFact(track.CodecID),
    codecProfile: profileOf(track),
    durationMs: millisecondsOf(amountFact(track.Duration)),
    bitRate: amountFact(track.BitRate),
    language: textFact(track.Language),
  });
}

/** Returns the usual trade name, such as DNxHR SQ, or the profile with its level. */
function profileOf(track: RawTrack): string | undefined {
  const commercial = textFact(track.Format_Commercial_IfAny);
  if (commercial !== undefined) return commercial;
  const [profile, level] = [textFact(track.Format_Profile), textFact(track.Format_Level)];
  return profile !== undefined && level !== undefined ? textFact(`${profile}@${level}`) : profile;
}

function pictureTrack(track: RawTrack): PictureTrack {
  const isImage = track['@type'] === 'Image';
  return {
    kind: 'picture',
    ...common(track),
    ...known({
      width: wholeFact(track.Width),
      height: wholeFact(track.Height),
      compression: textFact(track.Format_Compression),
      pixelAspect: amountFact(track.PixelAspectRatio),
      frameRate: frameRateOf(track),
      frames: wholeFact(track.FrameCount) ?? (isImage ? 1 : undefined),
      scan: scans.get(String(track.ScanType)),
      fieldOrder: fieldOrders.get(String(track.ScanOrder)),
      bitDepth: countFact(track.BitDepth),
      chroma: textFact(track.ChromaSubsampling) ?? textFact(track.ColorSpace),
      primaries: textFact(track.colour_primaries),
      transfer: textFact(track.transfer_characteristics),
      matrix: textFact(track.matrix_coefficients),
      range: ranges.get(String(track.colour_range)),
      hdrFormat: textFact(track.HDR_Format),
      masteringMin: amountFact(track.MasteringDisplay_Luminance_Min),
      masteringMax: amountFact(track.MasteringDisplay_Luminance_Max),
      maxCll: amountFact(track.MaxCLL),
      maxFall: amountFact(track.MaxFALL),
    }),
  };
}

const scans = new Map<string, PictureTrack['scan']>([
  ['Progressive', 'progressive'],
  ['Interlaced', 'interlaced'],
  ['MBAFF', 'interlaced'],
  ['PAFF', 'interlaced'],
  ['Segmented frame', 'segmented'],
]);
const fieldOrders = new Map<string, PictureTrack['fieldOrder']>([
  ['TFF', 'top_first'],
  ['BFF', 'bottom_first'],
]);
const ranges = new Map<string, PictureTrack['range']>([
  ['Full', 'full'],
  ['Limited', 'limited'],
]);

export function frameRateOf(track: RawTrack) {
  return fractionFact(track.FrameRate_Num, track.FrameRate_Den) ?? rateFact(track.FrameRate);
}

function soundTrack(track: RawTrack): SoundTrack {
  const isFloat = [track.Format_Profile, track.Format_Settings, track.Format_Settings_Sign].some((each) =>
    /float/i.test(String(each)),
  );
  return {
    kind: 'sound',
    ...common(track),
    ...known({
      channels: countFact(track.Channels),
      layout: textFact(track.ChannelLayout),
      sampleRate: countFact(track.SamplingRate),
      bitDepth: countFact(track.BitDepth),
      isFloat: isFloat ? true : undefined,
    }),
  };
}

function textTrack(track: RawTrack): TextTrack {
  return {
    kind: 'text',
    ...common(track),
    ...known({
      cues: cuesOf(track),
      frameRate: frameRateOf(track),
    }),
  };
}

/** MediaInfo counts the changes of the screen of TTML, and reads frames as seconds, so its number is not that of the texts. */
function cuesOf(track: RawTrack): number | undefined {
  if (track.Format === 'TTML') return undefined;
  return wholeFact(track.Events_Total) ?? wholeFact(track.ElementCount);
}
