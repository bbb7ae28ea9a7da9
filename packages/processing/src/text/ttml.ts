/** Reads the cues of TTML and IMSC: paragraphs, and spans with times of their own. */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml, type XmlEnd } from '@turnover/domain/manifests/xml';
import { maxCues, unreadableCue, type Cue, type CueFile } from './cue.ts';
import { readTime, timeScaleOf, type TimeScale } from './ttml-times.ts';

type Draft = {
  line: number;
  fromMs: number;
  toMs: number | null;
  text: string;
  hasParts: boolean;
  isTimed: boolean;
};
type Element = {
  name: string;
  fromMs: number;
  toMs: number | null;
  /** True when each child begins at the end of the previous one. */
  isSequence: boolean;
  nextMs: number;
  cue: Draft | null;
  /** `xml:space="preserve"`: keeps white space. */
  keepsSpace: boolean;
  /** True inside elements whose text is not part of the line. */
  isSilent: boolean;
};

const problemOf: Record<Exclude<XmlEnd, 'complete'>, 'xml_cut_short' | 'xml_malformed' | 'xml_doctype'> = {
  cut_short: 'xml_cut_short',
  malformed: 'xml_malformed',
  doctype: 'xml_doctype',
};

/** Reads up to the first error in the XML. */
export function readTtml(text: string): CueFile {
  const cues: Cue[] = [];
  const problems: CueFile['problems'][number][] = [];
  const stack: Element[] = [];
  let scale: TimeScale = timeScaleOf(new Map());
  let [language, hasRate, isCut, stoppedAt]: [string | null, boolean, boolean, number] = [
    null,
    false,
    false,
    1,
  ];

  const keep = (cue: Cue) => {
    if (cues.length === maxCues) isCut = true;
    else cues.push(cue);
  };
  const timeOf = (attributes: ReadonlyMap<string, string>, name: string, line: number) => {
    const written = attributes.get(name);
    if (written === undefined) return null;
    const found = readTime(written, scale);
    if (found === null) problems.push(unreadableCue('cue_time_unreadable', line, `${name}="${written}"`));
    return found;
  };
  const placeOf = (attributes: ReadonlyMap<string, string>, parent: Element | undefined, line: number) => {
    const base = parent ? (parent.isSequence ? parent.nextMs : parent.fromMs) : 0;
    const fromMs = base + (timeOf(attributes, 'begin', line) ?? 0);
    const [end, duration] = [timeOf(attributes, 'end', line), timeOf(attributes, 'dur', line)];
    const ends = [
      end === null ? null : base + end,
      duration === null ? null : fromMs + duration,
      parent?.toMs,
    ];
    const known = ends.filter((each) => each !== null && each !== undefined);
    return { fromMs, toMs: known.length === 0 ? null : Math.min(...known) };
  };

  const end = atOnce(
    readXml(text, {
      open: (name, attributes, line) => {
        const parent = stack.at(-1);
        if (!parent) {
          scale = timeScaleOf(attributes);
          language = attributes.get('lang')?.trim() || null;
          hasRate = attributes.has('frameRate');
        }
        const isTimed = ['begin', 'end', 'dur'].some((each) => attributes.has(each));
        const place = isContent(name) ? placeOf(attributes, parent, line) : timesOf(parent);
        const opens = name === 'p' || (name === 'span' && isTimed);
        const cue: Draft | null = opens
          ? { line, ...place, text: '', hasParts: false, isTimed }
          : (parent?.cue ?? null);
        if (opens && parent?.cue) parent.cue.hasParts = true;
        if (name === 'br' && parent?.cue && !parent.isSilent) parent.cue.text += '\n';
        if (attributes.has('backgroundImage') || name === 'image') keep({ line, ...place, lines: null });
        const space = attributes.get('space');
        stack.push({
          name,
          ...place,
          isSequence: attributes.get('timeContainer') === 'seq',
          nextMs: place.fromMs,
          cue,
          keepsSpace: space === undefined ? (parent?.keepsSpace ?? false) : space === 'preserve',
          isSilent: (parent?.isSilent ?? false) || !isContent(name) || isRuby(attributes.get('ruby')),
        });
      },
      text: (piece) => {
        const here = stack.at(-1);
        if (!here?.cue || here.isSilent) return;
        here.cue.text += here.keepsSpace ? piece : piece.replace(/[ \t\r\n]+/g, ' ');
      },
      close: () => {
        const { name, cue, toMs, fromMs } = stack.pop()!;
        const parent = stack.at(-1);
        if (parent?.isSequence && isContent(name)) parent.nextMs = toMs ?? fromMs;
        if (!cue || cue === parent?.cue) return;
        const lines = linesOf(cue.text);
        if (lines.length > 0 || (cue.isTimed && !cue.hasParts)) {
          keep({ line: cue.line, fromMs: cue.fromMs, toMs: cue.toMs, lines });
        }
      },
      stopped: (line) => {
        stoppedAt = line;
      },
    }),
  );
  if (end !== 'complete') problems.push({ code: problemOf[end], line: stoppedAt });
  const framesPerSecond = hasRate ? scale.framesPerSecond : null;
  return { cues, problems, language, framesPerSecond, isOrdered: false, isCut };
}

function isContent(name: string): boolean {
  return ['tt', 'body', 'div', 'p', 'span', 'br', 'image'].includes(name);
}

/** Returns true for ruby: small text above other text. */
function isRuby(kind: string | undefined): boolean {
  return kind === 'text' || kind === 'textContainer' || kind === 'delimiter';
}

function timesOf(parent: Element | undefined) {
  return { fromMs: parent?.fromMs ?? 0, toMs: parent?.toMs ?? null };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' ').trim())
    .filter((line) => line !== '');
}
