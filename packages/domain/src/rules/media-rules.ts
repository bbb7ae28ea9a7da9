/** Compares the wishes of a request type about the media with the result of inspection. */
import { languagesDiffer, languageTag } from '../media/languages.ts';
import type { MediaProblem, MediaProblemCode } from '../media/media-problems.ts';
import type {
  Fraction,
  MediaReport,
  MediaTrack,
  PictureTrack,
  SoundTrack,
  TextTrack,
} from '../media/media-report.ts';
import type { WantedMedia } from '../media/wanted-media.ts';

/**
 * A comparison of wishes with one fact of a track. `fits` is null when the track lacks the fact or the wish cannot be
 * parsed.
 */
type Comparison<Track> = {
  wishes: readonly string[];
  code: MediaProblemCode;
  measured: (track: Track) => string | null;
  fits: (track: Track, wish: string) => boolean | null;
};

/**
 * Returns no problems when nothing is asked for. A wish that cannot be compared becomes a note for people, never a
 * silent pass.
 */
export function checkMedia(report: MediaReport, wanted: WantedMedia): MediaProblem[] {
  const tracksOf = <Kind extends MediaTrack['kind']>(kind: Kind) =>
    report.tracks.flatMap((track, position) =>
      track.kind === kind ? [{ track: track as Extract<MediaTrack, { kind: Kind }>, position }] : [],
    );
  const pictures = tracksOf('picture');
  const sounds = tracksOf('sound');
  const codecs = Object.groupBy(wanted.codecs, (wish) => (isSoundCodec(wish) ? 'sound' : 'picture'));
  const comparePictures = comparer(pictures);
  const compareSounds = comparer(sounds);
  const texts = tracksOf('text');
  const languages = { wishes: wanted.languages, measured: languageOf, fits: fitsLanguage };
  const compareTexts = comparer(texts.filter(({ track }) => track.frameRate !== undefined));
  return [
    ...comparePictures({
      wishes: codecs.picture ?? [],
      code: 'codec_unwanted',
      measured: codecOf,
      fits: fitsCodec,
    }),
    ...compareSounds({
      wishes: codecs.sound ?? [],
      code: 'sound_codec_unwanted',
      measured: codecOf,
      fits: fitsCodec,
    }),
    ...comparePictures({
      wishes: wanted.resolutions,
      code: 'resolution_unwanted',
      measured: ({ width, height }) => (width && height ? `${width}×${height}` : null),
      fits: fitsResolution,
    }),
    ...comparePictures({
      wishes: wanted.frameRates,
      code: 'frame_rate_unwanted',
      measured: (track) => frameRateText(track, report.dropFrame),
      fits: (track, wish) => fitsFrameRate(track, wish, report.dropFrame),
    }),
    // Only TTML states a rate; other subtitle formats have times without one.
    ...compareTexts({
      wishes: wanted.frameRates,
      code: 'text_frame_rate_unwanted',
      measured: (track) => frameRateText(track),
      fits: (track, wish) => fitsFrameRate(track, wish),
    }),
    ...compareSounds({
      wishes: wanted.sampleRates,
      code: 'sample_rate_unwanted',
      measured: ({ sampleRate }) => (sampleRate === undefined ? null : `${sampleRate / 1000} kHz`),
      fits: fitsSampleRate,
    }),
    // These wishes do not apply to the bit depth of sound beside a picture.
    ...(pictures.length > 0
      ? comparePictures({
          wishes: wanted.bitDepths,
          code: 'bit_depth_unwanted',
          measured: bitsText,
          fits: fitsBits,
        })
      : compareSounds({
          wishes: wanted.bitDepths,
          code: 'sample_bits_unwanted',
          measured: bitsText,
          fits: fitsBits,
        })),
    ...compareSounds({
      wishes: wanted.channelLayouts,
      code: 'channels_unwanted',
      measured: ({ channels, layout }) =>
        channels === undefined ? null : `${channels} ch${layout ? ` (${layout})` : ''}`,
      fits: fitsLayout,
    }),
    ...compareSounds({ ...languages, code: 'sound_language_unwanted' }),
    ...comparer(texts)({ ...languages, code: 'text_language_unwanted' }),
  ];
}

function comparer<Track>(tracks: readonly { track: Track; position: number }[]) {
  return ({ wishes, code, measured, fits }: Comparison<Track>): MediaProblem[] => {
    if (wishes.length === 0) return [];
    const all = wishes.join(', ').slice(0, 200);
    return tracks.flatMap(({ track, position }): MediaProblem[] => {
      const found = measured(track);
      const answers = found === null ? [null] : wishes.map((wish) => fits(track, wish));
      if (answers.includes(true)) return [];
      if (!answers.includes(null)) return [{ code, track: position, measured: found!, wanted: all }];
      const unclear = wishes.filter((_, index) => answers[index] === null).join(', ');
      return [
        {
          code: 'wish_not_compared',
          track: position,
          ...(found === null ? {} : { measured: found }),
          wanted: (found === null ? all : unclear).slice(0, 200),
        },
      ];
    });
  };
}

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Other names of a codec, by the name that inspection reports. */
const otherNames: Record<string, readonly string[]> = {
  avc: ['h264', 'mpeg4avc', 'x264'],
  hevc: ['h265', 'x265'],
  vc3: ['dnxhd', 'dnxhr', 'dnx'],
  jpeg2000: ['j2k', 'jpeg2k', 'jp2k'],
  pcm: ['linearpcm', 'lpcm', 'wav', 'wave', 'uncompressed'],
  aac: ['aaclc', 'heaac'],
};
const soundCodecs = new Set([
  ...['pcm', 'linearpcm', 'lpcm', 'wav', 'wave', 'aac', 'aaclc', 'heaac', 'flac', 'mp3', 'ac3', 'eac3'],
  ...['dolbye', 'dolbydigital', 'dolbydigitalplus', 'alac', 'opus', 'vorbis', 'iab', 'dts', 'mpegaudio'],
]);

export function isSoundCodec(wish: string): boolean {
  return soundCodecs.has(plain(wish));
}

function codecOf({ codec, codecProfile }: PictureTrack | SoundTrack): string | null {
  if (codec === undefined) return null;
  return codecProfile === undefined ? codec : `${codec} ${codecProfile}`;
}

/** Returns true when the codec fits the wish. `ProRes` fits every profile; `ProRes 422` fits only that one. */
function fitsCodec({ codec, codecProfile }: PictureTrack | SoundTrack, wish: string): boolean {
  const name = plain(codec ?? '');
  const names = [name, ...(otherNames[name] ?? [])];
  const profile = plain(codecProfile ?? '');
  const asked = plain(wish);
  return asked !== '' && names.some((each) => asked === each || asked === `${each}${profile}`);
}

const namedSizes: Record<string, string> = {
  hd: '1920x1080',
  fullhd: '1920x1080',
  '1080p': '1920x1080',
  uhd: '3840x2160',
  '2160p': '3840x2160',
  '2k': '2048x1080',
  dci2k: '2048x1080',
  '4k': '4096x2160',
  dci4k: '4096x2160',
  '720p': '1280x720',
};

function fitsResolution({ width, height }: PictureTrack, wish: string): boolean | null {
  const compact = wish.toLowerCase().replace(/[\s,.]/g, '');
  const size = /^(\d{2,5})[x×*](\d{2,5})(?:px|pixels?)?$/.exec(namedSizes[compact] ?? compact);
  return size ? Number(size[1]) === width && Number(size[2]) === height : null;
}

function rateOf([over, under]: Fraction): number {
  return over / under;
}

type Frames = Pick<PictureTrack, 'frameRate' | 'scan'>;

function frameRateText({ frameRate, scan }: Frames, dropFrame?: boolean): string | null {
  if (frameRate === undefined) return null;
  const text = String(Math.round(rateOf(frameRate) * 1000) / 1000);
  return `${text}${scan === 'interlaced' ? ' interlaced' : ''}${dropFrame ? ' DF' : ''}`;
}

/** Returns true when the rate fits the wish. `50i` counts fields: 25 interlaced frames. */
function fitsFrameRate({ frameRate, scan }: Frames, wish: string, dropFrame?: boolean): boolean | null {
  const match =
    /^(\d{2,3}(?:[.,]\d{1,3})?)\s*(?:(p|i|psf)|fps|frames?\/s)?\s*(df|ndf|drop frame|non-drop)?$/i.exec(
      wish.trim(),
    );
  if (!match || frameRate === undefined) return null;
  const isInterlaced = match[2]?.toLowerCase() === 'i';
  const asked = Number(match[1]!.replace(',', '.')) / (isInterlaced ? 2 : 1);
  if (Math.abs(asked - rateOf(frameRate)) > 0.006) return false;
  if (isInterlaced && scan !== undefined && scan !== 'interlaced') return false;
  if (match[2]?.toLowerCase() === 'p' && scan === 'interlaced') return false;
  if (match[3] === undefined || dropFrame === undefined) return true;
  return /^(df|drop frame)$/i.test(match[3]) === dropFrame;
}

function fitsSampleRate({ sampleRate }: SoundTrack, wish: string): boolean | null {
  const match = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*(k|khz|hz)?$/i.exec(wish.trim());
  if (!match) return null;
  const number = Number(match[1]!.replace(',', '.'));
  const isKilo = match[2] === undefined ? number < 1000 : match[2].toLowerCase() !== 'hz';
  return Math.round(isKilo ? number * 1000 : number) === sampleRate;
}

function bitsText({ bitDepth, isFloat }: PictureTrack | SoundTrack): string | null {
  return bitDepth === undefined ? null : `${bitDepth} bit${isFloat ? ' float' : ''}`;
}

function fitsBits({ bitDepth, isFloat }: PictureTrack | SoundTrack, wish: string): boolean | null {
  const match = /^(\d{1,2})\s*-?\s*(?:bits?)?\s*(float|half|integer|int)?$/i.exec(wish.trim());
  if (!match) return null;
  if (Number(match[1]) !== bitDepth) return false;
  const form = match[2]?.toLowerCase();
  return form === undefined || (form === 'float' || form === 'half') === (isFloat ?? false);
}

type Spoken = SoundTrack | TextTrack;

function languageOf({ language }: Spoken): string | null {
  return language === undefined || language === 'und' ? null : language;
}

/** `eng` is `en`, and `es` fits `es-419`. Nobody knows whether several languages are the wanted ones. */
function fitsLanguage({ language }: Spoken, wish: string): boolean | null {
  const [stated, asked] = [languageTag(language ?? ''), languageTag(wish)];
  return stated === null || asked === null ? null : !languagesDiffer(stated, asked);
}

/** The number of channels of a layout. */
const layouts: [RegExp, number][] = [
  [/^(mono|1\.0|1 ?ch(annels?)?)$/i, 1],
  [/^(stereo|estéreo|2\.0|2 ?ch(annels?)?|lt\/?rt|lo\/?ro)$/i, 2],
  [/\b(as|in|en) (six|seis|eight|ocho|\d+|discrete|mono) (files|archivos)$/i, 1],
  [/^(5\.1|6 ?ch(annels?)?)$/i, 6],
  [/^(7\.1|8 ?ch(annels?)?)$/i, 8],
  [/^(5\.0|5 ?ch(annels?)?)$/i, 5],
  [/^(5\.1 ?\+ ?(2\.0|stereo)|8 tracks)$/i, 8],
];

function fitsLayout({ channels }: SoundTrack, wish: string): boolean | null {
  const known = layouts.find(([form]) => form.test(wish.trim()));
  const counted = /^(\d{1,2}) ?(?:ch|channels?|canales)$/i.exec(wish.trim());
  const asked = known?.[1] ?? (counted ? Number(counted[1]) : null);
  return asked === null ? null : asked === channels;
}
