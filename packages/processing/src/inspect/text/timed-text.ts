/** Reads the facts that a subtitle file states about itself. The stage `text` checks the cues. */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml } from '@turnover/domain/manifests/xml';
import type { TextTrack } from '@turnover/domain/media/media-report';
import { formats } from '../formats.ts';
import { unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import { mebibyte, type Source } from '../source.ts';
import { fractionFact, known, paddedText, textFact, wholeFact } from '../values.ts';
import { textOf } from './encoding.ts';

const maxBytes = 8 * mebibyte;

export type TimedTextFormat = 'ttml' | 'web_vtt' | 'subrip' | 'scenarist' | 'ebu_stl' | 'text';

type TextFacts = Pick<TextTrack, 'cues' | 'frameRate' | 'language' | 'encoding' | 'codecProfile'>;
type Stated = { [Key in keyof TextFacts]?: TextFacts[Key] | undefined } & {
  details?: Record<string, string | undefined>;
};

export function readTimedText(format: TimedTextFormat, source: Source): InspectionRead | InspectionFailed {
  const bytes = source.read(0, maxBytes);
  const isWhole = bytes.length === source.sizeBytes;
  const decoded = format === 'ebu_stl' ? null : textOf(bytes);
  if (format !== 'ebu_stl' && !decoded) return unreadable('damaged_header');
  const stated = decoded ? statedIn(format, decoded.text, isWhole) : ebuFacts(bytes);
  if (!stated) return unreadable('damaged_header');
  const { details = {}, ...facts } = stated;
  const { name } = formats[format];
  const track: TextTrack = { kind: 'text', ...known({ codec: name, encoding: decoded?.encoding, ...facts }) };
  return {
    kind: 'read',
    report: reportOf({ reader: 'turnover', container: name, tracks: [track], details }),
    problems: [],
  };
}

function statedIn(format: TimedTextFormat, text: string, isWhole: boolean): Stated {
  if (format === 'ttml') return ttmlFacts(text, isWhole);
  const cues = format === 'scenarist' ? /^\d\d:\d\d:\d\d[:;]\d\d\t/gm : /^.{0,20}\d[ \t]*-->/gm;
  return { cues: isWhole && format !== 'text' ? count(text, cues) : undefined };
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const match of text.matchAll(pattern)) found += match.length;
  return found;
}

/** Profiles of IMSC, by the end of their identifying URI. */
const profiles: [RegExp, string][] = [
  [/imsc1\.2\/text$/, 'IMSC 1.2 Text'],
  [/imsc1\.2\/image$/, 'IMSC 1.2 Image'],
  [/imsc1\.1\/text$/, 'IMSC 1.1 Text'],
  [/imsc1\.1\/image$/, 'IMSC 1.1 Image'],
  [/imsc1\/text$/, 'IMSC 1 Text'],
  [/imsc1\/image$/, 'IMSC 1 Image'],
  [/sdp-us$/, 'SDP-US'],
];

/** Reads up to the first error in the XML. */
function ttmlFacts(text: string, isWhole: boolean): Stated {
  let root: ReadonlyMap<string, string> | undefined;
  let cues = 0;
  let title = '';
  let isTitle = false;
  const end = atOnce(
    readXml(text, {
      open: (name, attributes) => {
        root ??= attributes;
        if (name === 'p') cues += 1;
        isTitle = name === 'title' && title === '';
      },
      text: (piece) => {
        if (isTitle) title = (title + piece).slice(0, 1000);
      },
      close: () => {
        isTitle = false;
      },
    }),
  );
  const profile = root?.get('profile') ?? root?.get('contentProfiles') ?? '';
  return {
    cues: isWhole && end === 'complete' ? cues : undefined,
    frameRate: frameRateOf(root),
    language: textFact(root?.get('lang')),
    codecProfile: profiles.find(([address]) => address.test(profile.trim()))?.[1] ?? textFact(profile),
    details: {
      title: textFact(title),
      timeBase: textFact(root?.get('timeBase')),
      cellResolution: textFact(root?.get('cellResolution')),
      extent: textFact(root?.get('extent')),
    },
  };
}

/** Returns the frame rate: 24 with the multiplier `1000 1001` is 23.976. */
function frameRateOf(root: ReadonlyMap<string, string> | undefined) {
  const frames = wholeFact(root?.get('frameRate'));
  if (frames === undefined) return undefined;
  const [, over = '1', under = '1'] =
    /^\s*(\d{1,6})[\s:](\d{1,6})\s*$/.exec(root?.get('frameRateMultiplier') ?? '') ?? [];
  return fractionFact(frames * Number(over), Number(under));
}

const generalBytes = 1024;

/** Reads the general block of EBU Tech 3264. */
function ebuFacts(bytes: Buffer): Stated | null {
  if (bytes.length < generalBytes) return null;
  const field = (from: number, to: number) => paddedText(bytes.subarray(from, to));
  return {
    cues: wholeFact(field(243, 248)?.replace(/^0+(?=\d)/, '')),
    frameRate: fractionFact(wholeFact(field(6, 8)), 1),
    details: {
      'stl.language': field(14, 16),
      'stl.title': field(16, 48),
      'stl.episode': field(48, 80),
      'stl.start': field(256, 264),
      'stl.codePage': field(0, 3),
    },
  };
}
