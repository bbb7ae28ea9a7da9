/**
 * UMDP, the Universal Media Delivery Profile (<https://github.com/spectraqc/umdp>): reads the parts that the hub can
 * check, lists the others, and writes a type as a profile. Our own rules are stored in the additional property
 * `turnover`.
 */
import { z } from 'zod';
import { isSoundCodec } from '../media-rules.ts';
import { noRules, requestRulesSchema, type RequestRules } from '../request-types.ts';
import { readLoudness, writeLoudness } from './umdp-loudness.ts';
import { allKnown, specifiedType, type SpecificationProblem, type SpecifiedType } from './specification.ts';

const strings = z.array(z.string().max(200)).max(200);
const numbers = z.array(z.union([z.string().max(40), z.number()])).max(200);
const allowed = <Item extends z.ZodType>(items: Item) =>
  z.looseObject({ allowed: items.optional() }).optional();

const umdpProfile = z.looseObject({
  id: z.string().min(2).max(128),
  name: z.string().min(1).max(500),
  delivery_paradigm: z.string().max(200),
  governance: z
    .looseObject({
      spec_version: z.string().max(100).optional(),
      source: z.string().max(500).optional(),
      effective_date: z.string().max(40).optional(),
    })
    .optional(),
  assets: z
    .looseObject({
      video: z
        .looseObject({
          codec: allowed(strings),
          container: allowed(strings),
          resolution: allowed(strings),
          frame_rate: allowed(numbers),
          scan_type: strings.optional(),
          bit_depth: allowed(numbers),
        })
        .optional(),
      audio: z
        .looseObject({
          codec: allowed(strings),
          sample_rate: numbers.optional(),
          bit_depth: allowed(numbers),
          layout: z.looseObject({ allowed_layouts: strings.optional() }).optional(),
          loudness: z.unknown().optional(),
        })
        .optional(),
      timed_text: z.looseObject({}).optional(),
    })
    .optional(),
});
type UmdpProfile = z.infer<typeof umdpProfile>;

const videoCodecs: Record<string, string> = {
  prores_422_proxy: 'ProRes 422 Proxy',
  prores_422_lt: 'ProRes 422 LT',
  prores_422: 'ProRes 422',
  prores_422_hq: 'ProRes 422 HQ',
  prores_4444: 'ProRes 4444',
  prores_4444_xq: 'ProRes 4444 XQ',
  dnxhd: 'DNxHD',
  h264: 'H.264',
  h265: 'H.265',
  jpeg2000: 'JPEG 2000',
};
const soundCodecs: Record<string, string> = {
  pcm_s16le: 'PCM',
  pcm_s24le: 'PCM',
  pcm_s32le: 'PCM',
  aac: 'AAC',
  ac3: 'AC-3',
  eac3: 'E-AC-3',
};
const containers: Record<string, string> = { mxf: 'mxf', mov: 'mov', mp4: 'mp4' };
const layouts: Record<string, string> = { 'l-r': 'stereo', 'l-r-c-lfe-ls-rs': '5.1' };

export function readUmdp(written: unknown): SpecifiedType | SpecificationProblem {
  const parsed = umdpProfile.safeParse(written);
  if (!parsed.success) {
    return { problem: 'incomplete', at: parsed.error.issues[0]?.path.join('.') ?? null };
  }
  const profile = parsed.data;
  const { found, checked } = checkable(profile);
  const own = requestRulesSchema.safeParse(ownRulesOf(written));
  const base = own.success ? own.data : noRules;
  const { governance } = profile;
  const version = governance?.spec_version ? `, ${governance.spec_version}` : '';
  return specifiedType({
    name: profile.name,
    source: `UMDP ${profile.id}${version}${governance?.source ? ` (${governance.source})` : ''}`,
    rules: {
      ...base,
      extensions: found.extensions ?? base.extensions,
      media: { ...base.media, ...found.media },
      signalLimits: { ...base.signalLimits, ...found.limits },
    },
    forPeople: leavesOf(written, own.success ? new Set([...checked, ...ownPlaces]) : checked),
  });
}

function ownRulesOf(written: unknown): unknown {
  return (written as { turnover?: { rules?: unknown } }).turnover?.rules;
}

type Found = {
  extensions?: string[];
  media: Partial<RequestRules['media']>;
  limits: Partial<RequestRules['signalLimits']>;
};

/** Returns the demands that the hub can check, and the places in the profile that they cover. */
function checkable({ assets }: UmdpProfile): { found: Found; checked: Set<string> } {
  const loudness = readLoudness(assets?.audio?.loudness);
  const found: Found = { media: {}, limits: loudness.limits };
  const checked = new Set(loudness.checked);
  const take = (property: keyof RequestRules['media'], places: string[], words: string[] | null) => {
    if (words === null) return;
    found.media[property] = [...new Set([...(found.media[property] ?? []), ...words])];
    for (const place of places) checked.add(place);
  };
  const { video, audio } = assets ?? {};
  take(
    'codecs',
    ['assets.video.codec.allowed'],
    allKnown(video?.codec?.allowed, (id) => videoCodecs[id]),
  );
  take(
    'codecs',
    ['assets.audio.codec.allowed'],
    allKnown(audio?.codec?.allowed, (id) => soundCodecs[id]),
  );
  take('resolutions', ['assets.video.resolution.allowed'], allKnown(video?.resolution?.allowed, sizeOf));
  const letter = scanLetter(video?.scan_type);
  take(
    'frameRates',
    ['assets.video.frame_rate.allowed', ...(letter === null ? [] : ['assets.video.scan_type'])],
    allKnown(video?.frame_rate?.allowed, (rate) => rateOf(rate, letter)),
  );
  const bits = allKnown(video?.bit_depth?.allowed, bitsOf);
  take('bitDepths', ['assets.video.bit_depth.allowed'], bits);
  // In a file with a picture, the hub compares the bit depth of the picture.
  if (!video)
    take('bitDepths', ['assets.audio.bit_depth.allowed'], allKnown(audio?.bit_depth?.allowed, bitsOf));
  take('sampleRates', ['assets.audio.sample_rate'], allKnown(audio?.sample_rate, kiloHertz));
  // Sound beside a picture has tracks with any number of channels.
  if (!video) {
    const words = allKnown(audio?.layout?.allowed_layouts, (layout) => layouts[layout]);
    take('channelLayouts', ['assets.audio.layout.allowed_layouts'], words);
  }
  const extensions = allKnown(video?.container?.allowed, (id) => containers[id]);
  // Subtitles are separate files, which a list of picture containers would refuse.
  if (extensions !== null && !assets?.timed_text) {
    found.extensions = extensions;
    checked.add('assets.video.container.allowed');
  }
  return { found, checked };
}

function sizeOf(written: string): string | undefined {
  return /^\d{2,5}x\d{2,5}$/.test(written) ? written.replace('x', '×') : undefined;
}

function scanLetter(types: readonly string[] | undefined): 'p' | 'i' | null {
  const [type, ...others] = types ?? [];
  if (others.length > 0) return null;
  return type === 'progressive' ? 'p' : type === 'interlaced' ? 'i' : null;
}

/** Formats a rate. Interlaced rates count fields: `50i`. */
function rateOf(written: string, letter: 'p' | 'i' | null): string | undefined {
  if (!/^\d{2,3}(?:\.\d{1,3})?$/.test(written)) return undefined;
  const rate = letter === 'i' ? Math.round(Number(written) * 2000) / 1000 : Number(written);
  return `${rate}${letter ?? ''}`;
}

function bitsOf(written: string): string | undefined {
  return /^\d{1,2}$/.test(written) ? `${written} bit` : undefined;
}

function kiloHertz(written: string): string | undefined {
  return /^\d{4,6}$/.test(written) ? `${Number(written) / 1000} kHz` : undefined;
}

/**
 * Properties that are no demands of the specification, or that `writeUmdp` writes from rules that `turnover` contains
 * too.
 */
const described = new Set(['id', 'name', 'delivery_paradigm', 'governance']);
const ownPlaces = [
  ...['assets.video.codec.allowed', 'assets.video.container.allowed', 'assets.video.resolution.allowed'],
  ...['assets.video.frame_rate.allowed', 'assets.video.scan_type', 'assets.video.bit_depth.allowed'],
  ...['assets.audio.codec.allowed', 'assets.audio.sample_rate', 'assets.audio.layout.allowed_layouts'],
  'turnover',
];
const maxDepth = 12;
const maxLeaves = 2000;

/** Returns `place: value` for everything that is not checked. */
function leavesOf(written: unknown, checked: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  const walk = (value: unknown, place: string, depth: number) => {
    if (checked.has(place) || lines.length >= maxLeaves) return;
    const isList = Array.isArray(value);
    if (isList && value.every((each) => typeof each !== 'object' || each === null)) {
      lines.push(`${place}: ${value.join(', ')}`);
    } else if (typeof value === 'object' && value !== null && depth < maxDepth) {
      for (const [key, inner] of Object.entries(value)) {
        if (depth > 0 || !described.has(key)) walk(inner, place === '' ? key : `${place}.${key}`, depth + 1);
      }
    } else if (value !== null) lines.push(`${place}: ${String(value)}`);
  };
  walk(written, '', 0);
  return lines;
}

type Exported = { id: string; name: string; description: string; version: number; rules: RequestRules };

/** Writes a version of a type as a profile. Rules that UMDP cannot express are written to `turnover`. */
export function writeUmdp({ id, name, description, version, rules }: Exported): Record<string, unknown> {
  const { media } = rules;
  const loudness = writeLoudness(rules.signalLimits);
  const sounds = media.codecs.filter(isSoundCodec);
  const pictures = media.codecs.filter((codec) => !isSoundCodec(codec));
  const rates = media.frameRates.map((wish) => /^([\d.]+)\s*(p|i)?$/i.exec(wish.trim()));
  const letters = new Set(rates.map((match) => match?.[2]?.toLowerCase() ?? ''));
  const letter = letters.size === 1 ? [...letters][0]! : '';
  const video = {
    ...listed(
      'codec',
      pictures.map((codec) => idOf(videoCodecs, codec)),
    ),
    ...listed('container', rules.extensions),
    ...listed(
      'resolution',
      media.resolutions.map((size) => size.replace('×', 'x')),
    ),
    ...listed(
      'frame_rate',
      media.frameRates.map((wish, index) => {
        const rate = Number(rates[index]?.[1]);
        return letter === '' || Number.isNaN(rate) ? wish : String(letter === 'i' ? rate / 2 : rate);
      }),
    ),
    ...(letter === '' ? {} : { scan_type: [letter === 'i' ? 'interlaced' : 'progressive'] }),
    ...listed('bit_depth', wholeNumbers(media.bitDepths)),
  };
  const hertz = media.sampleRates.map((wish) => Number.parseFloat(wish) * 1000).filter(Number.isInteger);
  const audio = {
    ...listed(
      'codec',
      sounds.map((codec) => idOf(soundCodecs, codec)),
    ),
    ...(hertz.length > 0 ? { sample_rate: hertz } : {}),
    ...(media.channelLayouts.length > 0
      ? { layout: { allowed_layouts: media.channelLayouts.map((each) => idOf(layouts, each).toUpperCase()) } }
      : {}),
    ...(loudness && { loudness }),
  };
  const assets = {
    ...(Object.keys(video).length > 0 ? { video } : {}),
    ...(Object.keys(audio).length > 0 ? { audio } : {}),
  };
  return {
    id: slugOf(name, id),
    name,
    delivery_paradigm: 'file',
    governance: {
      spec_version: String(version),
      source: `Turnover request type ${id}`,
      ...(description ? { notes: description } : {}),
    },
    ...(Object.keys(assets).length > 0 ? { assets } : {}),
    turnover: { rules },
  };
}

function listed(key: string, values: readonly (string | number)[]): Record<string, { allowed: unknown }> {
  return values.length > 0 ? { [key]: { allowed: [...new Set(values)] } } : {};
}

function idOf(table: Record<string, string>, word: string): string {
  const known = Object.entries(table).find(([, each]) => each.toLowerCase() === word.toLowerCase());
  return known?.[0] ?? word;
}

function wholeNumbers(wishes: readonly string[]): number[] {
  return wishes.flatMap((wish) => /^\d{1,2}/.exec(wish)?.map(Number) ?? []);
}

/** Returns lower-case letters, digits and underscores, as UMDP demands. */
function slugOf(name: string, fallback: string): string {
  const slug = (text: string) =>
    text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 100)
      .replace(/_+$/, '');
  return slug(name).length >= 2 ? slug(name) : slug(fallback);
}
