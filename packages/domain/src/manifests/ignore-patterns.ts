/** The files that an ASC MHL history leaves out on purpose: lines of a gitignore file. Every step takes bounded time. */

export const maxIgnorePatterns = 200;
const maxPatternLength = 500;

type Pattern = {
  written: string;
  segments: readonly string[];
  isAnchored: boolean;
  isFolder: boolean;
  isNegated: boolean;
};

/** Returns the pattern that leaves out a path below the root of the history; null when none does. The last one that fits decides. */
export function ignoreMatcher(lines: readonly string[]): (path: string) => string | null {
  const patterns = lines.slice(0, maxIgnorePatterns).flatMap((line) => patternOf(line) ?? []);
  return (path) => {
    const segments = path.split('/');
    // A folder that is left out takes all in it along, whatever later lines say about that.
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const part = segments.slice(0, depth);
      const isFolder = depth < segments.length;
      const last = patterns.findLast((pattern) => fits(pattern, part, isFolder));
      if (last && !last.isNegated) return last.written;
    }
    return null;
  };
}

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
  if (segments.length === 0) return null;
  return { written, segments, isAnchored: bare.includes('/'), isFolder, isNegated };
}

function fits({ segments, isAnchored, isFolder }: Pattern, path: readonly string[], isIn: boolean): boolean {
  if (isFolder && !isIn) return false;
  if (!isAnchored) return fitsSegment(segments[0]!, path.at(-1)!);
  return fitsPath(segments, path);
}

/** `**` stands for any number of folders. One row of a table for each part of the pattern. */
function fitsPath(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = path.map(() => false);
  reached.unshift(true);
  for (const [at, segment] of pattern.entries()) {
    const next = reached.map(() => false);
    if (segment === '**') {
      // At the end it means everything within, not the folder itself.
      const isLast = at === pattern.length - 1;
      let isReached = false;
      for (let end = 0; end < next.length; end += 1) {
        if (!isLast) isReached ||= reached[end]!;
        next[end] = isReached;
        if (isLast) isReached ||= reached[end]!;
      }
    } else {
      for (let end = 1; end < next.length; end += 1) {
        next[end] = reached[end - 1]! && fitsSegment(segment, path[end - 1]!);
      }
    }
    reached = next;
  }
  return reached.at(-1)!;
}

/** `*`, `?`, `[a-z]` and `\` within a name. Goes back to the last `*` only, so that no name takes long. */
function fitsSegment(pattern: string, name: string): boolean {
  const tokens = tokensOf(pattern);
  const letters = Array.from(name);
  let [token, letter, starAt, resumeAt] = [0, 0, -1, 0];
  while (letter < letters.length) {
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
