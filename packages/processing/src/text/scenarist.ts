/** Reads the timecodes of SCC. The caption codes are not decoded, so a cue has only a start. */
import { readTimecode } from '@turnover/domain/media/timecodes';
import { maxCues, unreadableCue, type Cue, type CueFile } from './cue.ts';

/** A caption has at most some hundred codes. Matching millions of them would exhaust the stack. */
const longestLine = 8192;
const row = /^(\d\d:\d\d:\d\d[:;]\d\d)[\t ]+((?:[\da-f]{4}[\t ]*)+)$/i;
/** Codes that show the caption, or erase the shown one, on either channel. */
const shows = /\b(?:942f|1c2f|9425|9426|94a7|9429)\b/i;
const framesPerSecond = 30_000 / 1001;

export function readScenarist(text: string): CueFile {
  const cues: Cue[] = [];
  const problems: CueFile['problems'][number][] = [];
  let isCut = false;
  for (const [index, content] of text.split(/\r\n|\r|\n/).entries()) {
    if (index === 0 || content.trim() === '') continue;
    const [, timecode = '', codes = ''] =
      (content.length <= longestLine && row.exec(content.trimEnd())) || [];
    const read = readTimecode(timecode, timecode.includes(';') ? '29.97 DF' : '29.97');
    if ('problem' in read) {
      const code = timecode === '' ? 'cue_unreadable' : 'cue_time_unreadable';
      problems.push(unreadableCue(code, index + 1, timecode || content));
    } else if (shows.test(codes)) {
      isCut = cues.length === maxCues;
      if (isCut) break;
      const fromMs = (read.frame / framesPerSecond) * 1000;
      cues.push({ line: index + 1, fromMs, toMs: null, lines: null });
    }
  }
  return { cues, problems, language: null, framesPerSecond, isOrdered: true, isCut };
}
