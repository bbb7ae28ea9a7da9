/** Reads a subtitle file and finds problems of its text, times and language. */
import {
  mediaProblems,
  type MediaProblem,
  type ProblemSeverity,
} from '@turnover/domain/media/media-problems';
import { textProfileOf } from '@turnover/domain/media/text-profiles';
import { onlyFrameRate } from '@turnover/domain/media/timecodes';
import { decodeText, recogniseEncoding, type TextEncoding } from '@turnover/domain/text-encodings';
import type { FormatName } from '../inspect/formats.ts';
import { sampleBytes, sniff } from '../inspect/sniff.ts';
import { mebibyte } from '../inspect/source.ts';
import { checkCues } from './check-cues.ts';
import { maxCues, type CueFile } from './cue.ts';
import { readEbuStl } from './ebu-stl.ts';
import { readLines } from './lines.ts';
import { languagesDiffer } from '@turnover/domain/media/languages';
import { languageInName } from './named-language.ts';
import { readScenarist } from './scenarist.ts';
import { readTtml } from './ttml.ts';

export const maxTextBytes = 8 * mebibyte;

/** A gap of two frames is shortest at 30 frames per second, so this rate is assumed when the rate is unknown. */
const fastestRate = 30;

export type TextChecks = { name: string; frameRates: readonly string[] };
export type CheckedText = {
  facts: Record<string, string | number | boolean>;
  /** The most serious ones come first. */
  problems: MediaProblem[];
};

/** Returns null when the file holds no subtitles. Never throws because of its content. */
export function checkTextFile(bytes: Buffer, { name, frameRates }: TextChecks): CheckedText | null {
  const format = subtitleFormat(sniff(bytes.subarray(0, sampleBytes)).format, name);
  if (format === null) return null;
  const decoded = format === 'ebu_stl' ? null : decode(bytes);
  if (decoded?.text === null) return { facts: {}, problems: [{ code: 'text_undecodable' }] };
  const file = decoded === null ? readEbuStl(bytes) : readText(format, decoded.text);
  const named = languageInName(name);
  const stated = file.language === 'und' ? null : file.language;
  const language = stated ?? named;
  const profile = textProfileOf(language);
  const framesPerSecond = file.framesPerSecond ?? speedOf(onlyFrameRate(frameRates)) ?? fastestRate;
  const problems: MediaProblem[] = [
    ...file.problems,
    ...(file.cues.length === 0 && file.problems.length === 0 ? [{ code: 'no_cues' } as const] : []),
    ...(file.isCut ? [{ code: 'cues_not_read', wanted: `${maxCues}` } as const] : []),
    ...(decoded?.problems ?? []),
    ...(named !== null && stated !== null && languagesDiffer(named, stated)
      ? [{ code: 'text_language_differs', measured: stated.slice(0, 40), wanted: named } as const]
      : []),
    ...checkCues(file.cues, { profile, framesPerSecond, isOrdered: file.isOrdered }),
  ];
  const order: readonly ProblemSeverity[] = ['error', 'warning', 'note'];
  const rank = ({ code }: MediaProblem) => order.indexOf(mediaProblems[code].severity);
  return {
    facts: { ...factsOf(file), ...(language === null ? {} : { language: language.slice(0, 40) }) },
    problems: problems.toSorted(
      (one, other) => rank(one) - rank(other) || (one.line ?? 0) - (other.line ?? 0),
    ),
  };
}

/** Returns the cues of a subtitle file; null when it holds none, or cannot be read as text. */
export function readCues(bytes: Buffer, name: string): CueFile | null {
  const format = subtitleFormat(sniff(bytes.subarray(0, sampleBytes)).format, name);
  if (format === null) return null;
  if (format === 'ebu_stl') return readEbuStl(bytes);
  const { text } = decode(bytes);
  return text === null ? null : readText(format, text);
}

type SubtitleFormat = 'ttml' | 'subrip' | 'web_vtt' | 'scenarist' | 'ebu_stl';

/** Returns the format of subtitles. A SubRip file whose first cue is damaged looks like plain text. */
function subtitleFormat(format: FormatName | null, name: string): SubtitleFormat | null {
  switch (format) {
    case 'ttml':
    case 'subrip':
    case 'web_vtt':
    case 'scenarist':
    case 'ebu_stl':
      return format;
    case 'text':
      return /\.srt$/i.test(name) ? 'subrip' : null;
    default:
      return null;
  }
}

function readText(format: Exclude<SubtitleFormat, 'ebu_stl'> | 'ebu_stl', text: string): CueFile {
  if (format === 'ttml') return readTtml(text);
  return format === 'scenarist'
    ? readScenarist(text)
    : readLines(format === 'web_vtt' ? format : 'subrip', text);
}

type Decoded = { text: string | null; problems: MediaProblem[] };

function decode(bytes: Buffer): Decoded {
  const decoded = decodeText(bytes);
  if ('problem' in decoded) return { text: null, problems: [] };
  const { text, encoding } = decoded;
  const problems: MediaProblem[] = [];
  if (encoding !== 'utf-8') problems.push({ code: codeOf(encoding), measured: nameOf(encoding) });
  else if ((recogniseEncoding(bytes)?.markBytes ?? 0) > 0) problems.push({ code: 'text_marked' });
  const lost = text.indexOf('\ufffd');
  if (lost >= 0) problems.push({ code: 'text_lost', line: text.slice(0, lost).split('\n').length });
  return { text, problems };
}

function codeOf(encoding: TextEncoding) {
  return encoding.startsWith('utf-16') ? 'text_utf16' : 'text_not_utf8';
}

function nameOf(encoding: TextEncoding): string {
  return encoding.startsWith('utf-16') ? 'UTF-16' : 'Windows-1252';
}

function speedOf(rate: string | null): number | null {
  return rate === null ? null : Number.parseFloat(rate);
}

function factsOf({ cues }: CueFile): CheckedText['facts'] {
  if (cues.length === 0) return { cues: 0 };
  let [first, last] = [Infinity, 0];
  for (const { fromMs, toMs } of cues) {
    first = Math.min(first, fromMs);
    last = Math.max(last, toMs ?? fromMs);
  }
  return { cues: cues.length, firstInMs: Math.round(first), lastOutMs: Math.round(last) };
}
