/** Reads SubRip and WebVTT: blocks of lines, each with a line of times. */
import { maxCues, unreadableCue, type Cue, type CueFile } from './cue.ts';

const time = String.raw`(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})`;
const times = new RegExp(String.raw`^\s*${time}\s*-->\s*${time}(?:\s|$)`);

export function readLines(format: 'subrip' | 'web_vtt', text: string): CueFile {
  const cues: (Cue & { lines: string[] })[] = [];
  const problems: CueFile['problems'][number][] = [];
  let [open, isSkipping, isCut]: [(typeof cues)[number] | null, boolean, boolean] = [null, false, false];
  const lines = text.split(/\r\n|\r|\n/);
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (content.includes('-->')) {
      if (open && isCounter(format, open.lines.at(-1), lines[index - 1])) open.lines.pop();
      const found = readTimes(content);
      if (!found) problems.push(unreadableCue('cue_time_unreadable', line, content));
      isCut = cues.length === maxCues;
      if (isCut) break;
      open = found && { line, ...found, lines: [] };
      if (open) cues.push(open);
      isSkipping = !open;
    } else if (content.trim() === '') {
      [open, isSkipping] = [null, false];
    } else if (open) {
      open.lines.push(content);
    } else if (!isSkipping && !lines[index + 1]?.includes('-->')) {
      // A header, note or style of WebVTT is not a cue.
      if (format === 'subrip') problems.push(unreadableCue('cue_unreadable', line, content));
      isSkipping = true;
    }
  }
  const plain = cues.map((cue) => ({
    ...cue,
    lines: cue.lines.map(withoutMarks).filter((each) => each !== ''),
  }));
  return { cues: plain, problems, language: null, framesPerSecond: null, isOrdered: true, isCut };
}

/** Returns true for the number of the next cue when the blank line before it is missing. */
function isCounter(format: string, last: string | undefined, before: string | undefined): boolean {
  return format === 'subrip' && last !== undefined && last === before && /^\s*\d+\s*$/.test(last);
}

function readTimes(line: string): { fromMs: number; toMs: number } | null {
  const match = times.exec(line);
  if (!match) return null;
  const fromMs = millisecondsOf(match.slice(1, 5));
  const toMs = millisecondsOf(match.slice(5, 9));
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}

function millisecondsOf([hours = '0', minutes = '', seconds = '', parts = '']: readonly string[]):
  number | null {
  if (Number(minutes) > 59 || Number(seconds) > 59) return null;
  return (
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(parts.padEnd(3, '0'))
  );
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '', rlm: '' };

/** Removes style tags: `<i>`, `<v Name>`, `<00:01.000>` and `{\an8}`. */
function withoutMarks(line: string): string {
  return line
    .replace(/<\/?[a-z\d][^<>]{0,200}>/gi, '')
    .replace(/\{\\?[a-z]\w{0,20}[^{}]{0,100}\}/gi, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => entities[name]!)
    .trim();
}
