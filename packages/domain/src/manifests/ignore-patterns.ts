/**
 * The files that an ASC MHL history leaves out on purpose, given as lines of a gitignore file. Every step takes bounded
 * time.
 */

export const maxIgnorePatterns = 200;
const maxPatternLength = 500;
const maxSegments = 20;
/** The most `**` that one pattern may contain. */
const maxDeeps = 4;
/** Far more than 200 usual patterns need for one path; takes about a millisecond. */
export const maxStepsPerPath = 200_000;

type Pattern = {
  written: string;
  segments: readonly string[];
  isAnchored: boolean;
  isFolder: boolean;
  isNegated: boolean;
};

/**
 * Returns a function that finds the pattern which excludes a path below the root of the history; null when none does.
 * The last pattern that fits decides. A path that takes too many steps is never excluded: it is then reported as a file
 * that no list names. `onSteps` receives the number of steps of a path.
 */
export function ignoreMatcher(
  lines: readonly string[],
  onSteps?: (steps: number) => void,
): (path: string) => string | null {
  const patterns = lines.slice(0, maxIgnorePatterns).flatMap((line) => patternOf(line) ?? []);
  return (path) => {
    const names = path.split('/').map((name) => Array.from(name));
    const steps: Steps = { taken: 0 };
    const decided = names.map((): Pattern | null => null);
    for (const pattern of patterns.toReversed()) {
      const fitting = fitsAt(pattern, names, steps);
      if (steps.taken > maxStepsPerPath) break;
      for (const [at, fits] of fitting.entries()) {
        const isFolder = at < names.length - 1;
        if (fits && (isFolder || !pattern.isFolder)) decided[at] ??= pattern;
      }
    }
    onSteps?.(steps.taken);
    if (steps.taken > maxStepsPerPath) return null;
    // An excluded folder excludes everything in it, whatever later lines say.
    return decided.find((pattern) => pattern && !pattern.isNegated)?.written ?? null;
  };
}

type Steps = { taken: number };
type Letters = readonly string[];

function patternOf(line: string): Pattern | null {
  const written = line.trim();
  if (written === '' || written.startsWith('#') || written.length > maxPatternLength) return null;
  const isNegated = written.startsWith('!');
  const text = written.replace(/^!/, '').replace(/^\\(?=[#!])/, '');
  const isFolder = text.endsWith('/');
  const bare = text.replace(/\/+$/, '');
  const segments = bare
    .replace(/^\/+/, '')
    .split('/')
    .filter((segment, at, all) => segment !== '' && !(segment === '**' && all[at - 1] === '**'));
  if (segments.length === 0 || segments.length > maxSegments) return null;
  if (segments.filter((segment) => segment === '**').length > maxDeeps) return null;
  return { written, segments, isAnchored: bare.includes('/'), isFolder, isNegated };
}

/** For each depth of the path: true when the pattern fits the path down to there. */
function fitsAt({ segments, isAnchored }: Pattern, names: readonly Letters[], steps: Steps): boolean[] {
  if (isAnchored) return fitsPath(segments, names, steps);
  return names.map((name) => fitsSegment(segments[0]!, name, steps));
}

/**
 * Matches patterns in which `**` stands for any number of folders. Computes one row of a table for each part of the
 * pattern.
 */
function fitsPath(pattern: readonly string[], names: readonly Letters[], steps: Steps): boolean[] {
  let reached = [true, ...names.map(() => false)];
  for (const [at, segment] of pattern.entries()) {
    steps.taken += reached.length;
    const next = reached.map(() => false);
    if (segment === '**') {
      // A final `**` matches everything within the folder, not the folder itself.
      const isLast = at === pattern.length - 1;
      let isReached = false;
      for (let end = 0; end < next.length; end += 1) {
        if (!isLast) isReached ||= reached[end]!;
        next[end] = isReached;
        if (isLast) isReached ||= reached[end]!;
      }
    } else {
      for (let end = 1; end < next.length; end += 1) {
        next[end] = reached[end - 1]! && fitsSegment(segment, names[end - 1]!, steps);
      }
    }
    reached = next;
  }
  return reached.slice(1);
}

/**
 * Matches `*`, `?`, `[a-z]` and `\` within a name. Backtracks to the last `*` only. Returns false when the steps are
 * used up.
 */
function fitsSegment(pattern: string, letters: Letters, steps: Steps): boolean {
  const tokens = tokensOf(pattern);
  let [token, letter, starAt, resumeAt] = [0, 0, -1, 0];
  while (letter < letters.length) {
    steps.taken += 1;
    if (steps.taken > maxStepsPerPath) return false;
    const wanted = tokens[token];
    if (wanted === 'any') {
      starAt = token;
      token += 1;
      resumeAt = letter;
    } else if (wanted !== undefined && wanted(letters[letter]!)) {
      token += 1;
      letter += 1;
    } else if (starAt >= 0) {
      token = starAt + 1;
      resumeAt += 1;
      letter = resumeAt;
    } else return false;
  }
  return tokens.slice(token).every((each) => each === 'any');
}

type Token = 'any' | ((letter: string) => boolean);
const known = new Map<string, Token[]>();
const maxKnown = 1000;

function tokensOf(pattern: string): Token[] {
  const found = known.get(pattern);
  if (found) return found;
  const tokens: Token[] = [];
  const letters = Array.from(pattern);
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at]!;
    if (letter === '*') {
      if (tokens.at(-1) !== 'any') tokens.push('any');
    } else if (letter === '?') tokens.push(() => true);
    else if (letter === '[') {
      const end = letters.indexOf(']', at + 2);
      if (end < 0) tokens.push((each) => each === '[');
      else {
        tokens.push(classOf(letters.slice(at + 1, end)));
        at = end;
      }
    } else {
      if (letter === '\\' && at + 1 < letters.length) at += 1;
      const wanted = letters[at]!;
      tokens.push((each) => each === wanted);
    }
  }
  if (known.size >= maxKnown) known.clear();
  known.set(pattern, tokens);
  return tokens;
}

function classOf(letters: readonly string[]): (letter: string) => boolean {
  const isNegated = letters[0] === '!' || letters[0] === '^';
  const rest = isNegated ? letters.slice(1) : letters;
  const ranges: [string, string][] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const isRange = rest[at + 1] === '-' && at + 2 < rest.length;
    ranges.push([rest[at]!, rest[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (letter) => ranges.some(([from, to]) => from <= letter && letter <= to) !== isNegated;
}
