/** Parses the measurements that ffmpeg's filters write to its log. Each line begins with the name of its filter. */
import type { Loudness } from './loudness.ts';

export type Span = { from: number; to: number };
/** Measurements of one soundtrack. */
export type HeardByFfmpeg = {
  loudness: Loudness;
  samplePeak: number | null;
  truePeak: number | null;
  /** Sample peak of each channel in dBFS. */
  channelPeaks: (number | null)[];
};
/** `channel`: from 0. */
export type Clip = Span & { channel: number };
export type FfmpegFindings = {
  clips: Clip[];
  black: Span[];
  freeze: Span[];
  silence: Span[];
  mono: Span[];
  inverted: Span[];
  sounds: Map<string, HeardByFfmpeg>;
};

/** More spans than anybody reads; the longest are kept. The limit bounds the memory that a hostile film can use. */
const maxSpans = 200;
const maxChannels = 64;
/** The silence that the graph puts before and behind the sound in which it looks for clips. */
export const clipMarginSeconds = 1;
const filterLine = /^\[(\w+)(?:@(\w+))? @ 0x[0-9a-f]+\] (.*)$/;
/** Only the filter that looks for clips names channels. */
const clipLine = /^channel: (\d+) \| silence_(start|end): (-?[\d.]+)/;
const kinds = {
  freezedetect: { freeze: 'lavfi.freezedetect.freeze' },
  silencedetect: { silence: 'silence' },
  aphasemeter: { mono: 'mono', inverted: 'out_phase' },
} as const;

export function ffmpegLog() {
  const spans = { black: [], freeze: [], silence: [], mono: [], inverted: [] } as Record<
    'black' | 'freeze' | 'silence' | 'mono' | 'inverted',
    Span[]
  >;
  const clips: Clip[] = [];
  /** Where the clip of each channel begins: at the end of a silence. */
  const clipped = new Map<number, number>();
  const open = new Map<keyof typeof spans, number>();
  const sounds = new Map<string, HeardByFfmpeg>();
  /** Soundtrack whose summary the next lines belong to. */
  let summary: { sound: HeardByFfmpeg; section: string } | null = null;

  function add(kind: keyof typeof spans, span: Span): void {
    if (span.to <= span.from) return;
    const known = spans[kind];
    known.push(span);
    if (known.length <= maxSpans) return;
    const shortest = known.reduce((least, each) => (lengthOf(each) < lengthOf(least) ? each : least));
    known.splice(known.indexOf(shortest), 1);
  }

  /** Creates the entry of a soundtrack on first use, because its filters write in any order. */
  function soundOf(name = ''): HeardByFfmpeg {
    const known = sounds.get(name);
    if (known) return known;
    const sound = { loudness: nothing(), samplePeak: null, truePeak: null, channelPeaks: [] };
    if (sounds.size < maxChannels) sounds.set(name, sound);
    return sound;
  }

  function readFilter(filter: string, name: string | undefined, text: string): void {
    summary = null;
    if (filter === 'blackdetect') {
      const [, from, to] = /^black_start:(-?[\d.]+) black_end:(-?[\d.]+)/.exec(text) ?? [];
      if (from !== undefined) add('black', { from: Number(from), to: Number(to) });
    } else if (filter === 'ebur128' && text.startsWith('Summary:')) {
      // The last summary counts: a filter graph that is rebuilt writes an empty one first.
      const { channelPeaks } = soundOf(name);
      const sound = { loudness: nothing(), samplePeak: null, truePeak: null, channelPeaks };
      sounds.set(name ?? '', sound);
      summary = { sound, section: '' };
    } else if (filter === 'astats') {
      const peaks = soundOf(name).channelPeaks;
      if (text === 'Channel: 1') peaks.length = 0;
      const [, peak] = /^Peak level dB: (-?inf|nan|-?[\d.]+)/.exec(text) ?? [];
      if (peak !== undefined && peaks.length < maxChannels) peaks.push(levelOf(peak));
    } else if (filter === 'silencedetect' && clipLine.test(text)) {
      readClip(text);
    } else if (Object.hasOwn(kinds, filter)) {
      for (const [kind, word] of Object.entries(kinds[filter as keyof typeof kinds])) {
        readSpan(kind as keyof typeof spans, word, text);
      }
    }
  }

  /** The silence at the end of the sound ends without a clip behind it. */
  function readClip(text: string): void {
    const [, number, edge, moment] = clipLine.exec(text)!;
    const channel = Number(number);
    const at = Number(moment) - clipMarginSeconds;
    if (edge === 'end' && clipped.size < maxChannels) clipped.set(channel, at);
    const from = clipped.get(channel);
    if (edge === 'end' || from === undefined) return;
    clipped.delete(channel);
    if (clips.length < maxSpans) clips.push({ channel, from, to: Math.max(from, at) });
  }

  function readSpan(kind: keyof typeof spans, word: string, text: string): void {
    if (!text.startsWith(word)) return;
    const [, edge, moment] = /^_(start|end): (-?[\d.]+)/.exec(text.slice(word.length)) ?? [];
    if (edge === 'start') open.set(kind, Number(moment));
    const from = open.get(kind);
    if (edge !== 'end' || from === undefined) return;
    open.delete(kind);
    add(kind, { from, to: Number(moment) });
  }

  function readSummary(line: string): void {
    const { sound, section } = summary!;
    const [, heading] = /^ {2}([A-Z][a-z ]+):$/.exec(line) ?? [];
    if (heading !== undefined) summary!.section = heading;
    const [, field, value] = /^ {4}(\w+): +(-?inf|nan|-?[\d.]+)/.exec(line) ?? [];
    if (value === undefined) return;
    const level = levelOf(value);
    // The filter states -70 when nothing is above the gate.
    if (field === 'I') sound.loudness.integrated = level === null || level <= -70 ? null : level;
    // The filter states 0 when the sound is too short to have a range.
    if (field === 'LRA') sound.loudness.range = level === 0 ? null : level;
    if (field === 'Peak' && section === 'Sample peak') sound.samplePeak = level;
    if (field === 'Peak' && section === 'True peak') sound.truePeak = level;
  }

  return {
    read(line: string): void {
      const [, filter, name, text] = filterLine.exec(line) ?? [];
      if (filter !== undefined) readFilter(filter, name, text!);
      else if (summary) readSummary(line);
    },
    /** `seconds`: the end of the file, for passages that last until then. */
    result(seconds: number): FfmpegFindings {
      for (const [kind, from] of open) add(kind, { from, to: seconds });
      open.clear();
      return { ...spans, clips, sounds };
    },
  };
}

export function lengthOf({ from, to }: Span): number {
  return to - from;
}

function nothing(): Loudness {
  return { integrated: null, range: null, maxMomentary: null, maxShortTerm: null };
}

function levelOf(text: string): number | null {
  const level = Number(text);
  return Number.isFinite(level) ? level : null;
}
