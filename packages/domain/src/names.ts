/** What a file or folder may be called, how two names are compared, and how paths of a delivered folder are read. */
import { z } from 'zod';

export const nameProblems = [
  'empty',
  'dots',
  'slash',
  'control',
  'reserved',
  'ending',
  'too_long',
  'too_deep',
  'not_unicode',
] as const;
export type NameProblem = (typeof nameProblems)[number];

const maxNameBytes = 255;
export const maxPathDepth = 250;

/** Windows' device names, with any extension and in any case (superscript digits count as well). */
const reservedOnWindows = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
// eslint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Marks that turn the direction of text: they make `gpj.exe` out of `exe.jpg` before the reader's eyes. */
const directionMarks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const reservedCharactersOnWindows = /[<>:"|?*]/;

/** Why `name` cannot be a name, or null when it can. The name is kept byte for byte: nothing is trimmed silently. */
export function nameProblem(name: string): NameProblem | null {
  if (name.trim() === '') return 'empty';
  if (name === '.' || name === '..') return 'dots';
  if (!name.isWellFormed()) return 'not_unicode';
  if (/[/\\]/.test(name)) return 'slash';
  if (controlCharacters.test(name) || directionMarks.test(name)) return 'control';
  if (reservedOnWindows.test(name) || reservedCharactersOnWindows.test(name)) return 'reserved';
  if (/[. ]$/.test(name) || name.startsWith(' ')) return 'ending';
  if (new TextEncoder().encode(name).length > maxNameBytes) return 'too_long';
  return null;
}

const problemSentences: Record<NameProblem, string> = {
  empty: 'Give it a name.',
  dots: 'A name cannot be only dots.',
  slash: 'A name cannot contain / or \\.',
  control: 'Remove the invisible control characters from the name.',
  reserved: 'Windows reserves this name or one of < > : " | ? * in it; choose another.',
  ending: 'A name cannot begin with a space or end with a space or a dot.',
  too_long: `Shorten the name to at most ${maxNameBytes} bytes.`,
  too_deep: `Put it higher up: folders can be at most ${maxPathDepth} deep.`,
  not_unicode: 'The name is not valid Unicode text.',
};

/** English sentence that says what to change. */
export function describeNameProblem(problem: NameProblem): string {
  return problemSentences[problem];
}

/** Two names are the same name when their keys are equal: Unicode NFC, then case folding. */
export function nameKey(name: string): string {
  // Upper case folds what lower case alone keeps apart (ß/SS, ſ/S, final ς/σ); lower case before it is for ẞ.
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

export type PathProblem = { segment: string; problem: NameProblem };

/** The segments of a relative path, or the first one that cannot be a name. */
export function parseRelativePath(path: string): { segments: string[] } | PathProblem {
  const segments = path.split('/');
  for (const segment of segments) {
    const problem = nameProblem(segment);
    if (problem) return { segment, problem };
  }
  if (segments.length > maxPathDepth) return { segment: segments[maxPathDepth] ?? '', problem: 'too_deep' };
  return { segments };
}

export const nameSchema = z.string().max(4096);

/** Text a person types: trimmed, without control characters other than line breaks. */
export function textSchema(maxLength: number) {
  return (
    z
      .string()
      .trim()
      .max(maxLength)
      // eslint-disable-next-line no-control-regex
      .refine((text) => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text), {
        error: 'Contains control characters.',
      })
  );
}
