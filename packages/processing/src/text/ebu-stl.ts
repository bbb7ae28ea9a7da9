/** Reads the subtitles of EBU STL (EBU Tech 3264): a block of 1024 bytes, and then blocks of 128 bytes. */
import { maxCues, type Cue, type CueFile } from './cue.ts';

const headBytes = 1024;
const blockBytes = 128;
const [newLine, unused, userData, last] = [0x8a, 0x8f, 0xfe, 0xff];

export function readEbuStl(bytes: Buffer): CueFile {
  const framesPerSecond = bytes.toString('latin1', 3, 8) === 'STL30' ? 30 : 25;
  const cues: Cue[] = [];
  let [text, isCut]: [number[], boolean] = [[], false];
  for (let at = headBytes; at + blockBytes <= bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const part = block[3]!;
    const isComment = block[15] === 1;
    if (part === userData || isComment) continue;
    text.push(...block.subarray(16));
    if (part !== last) continue;
    isCut = cues.length === maxCues;
    if (isCut) break;
    const [fromMs, toMs] = [timeAt(block, 5, framesPerSecond), timeAt(block, 9, framesPerSecond)];
    cues.push({ line: null, fromMs, toMs, lines: linesOf(text) });
    text = [];
  }
  return { cues, problems: [], language: null, framesPerSecond, isOrdered: true, isCut };
}

function timeAt(block: Buffer, at: number, framesPerSecond: number): number {
  const [hours, minutes, seconds, frames] = block.subarray(at, at + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + (frames / framesPerSecond) * 1000;
}

/**
 * Decodes lines for counting: keeps one character per letter, no matter which. Accents of ISO 6937 precede their
 * letter.
 */
function linesOf(codes: readonly number[]): string[] {
  const isLetter = (code: number) =>
    code >= 0x20 && (code < 0x80 || code > 0x9f) && (code < 0xc1 || code > 0xcf);
  const text = codes
    .filter((code) => code !== unused)
    .map((code) => (code === newLine ? '\n' : isLetter(code) ? String.fromCharCode(code) : ''));
  return text
    .join('')
    .split('\n')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
