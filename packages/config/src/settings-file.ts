/**
 * Parses a file of settings such as turnover.env: one NAME=value a line, comments behind #, quotes around values that
 * contain " #". Pure. Problems never contain a value, because it may be a secret.
 */
import { secretFileName, settings, type Setting } from './settings.ts';

export type FileLine = { line: number; text: string };

export type ParsedFile = {
  /** The settings of the file by their variables. */
  lines: Map<string, FileLine>;
  /** Sentences that begin with the number of the line. */
  problems: string[];
};

export function parseSettingsFile(content: string): ParsedFile {
  const lines = new Map<string, FileLine>();
  const problems: string[] = [];
  for (const [index, raw] of content
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) continue;
    const read = readLine(text, lines);
    if ('problem' in read) problems.push(`${line}: ${read.problem}`);
    else lines.set(read.name, { line, text: read.value });
  }
  return { lines, problems };
}

type ReadLine = { name: string; value: string } | { problem: string };

function readLine(text: string, earlier: ParsedFile['lines']): ReadLine {
  const [, exported, name = '', rest = ''] = /^(export\s+)?([^\s=]+)\s*=\s*(.*)$/.exec(text) ?? [];
  if (!name)
    return { problem: 'A line is NAME=value. Write, for example: PORT=3000, or begin a comment with #' };
  const known = fileNames().find((each) => each === name) ?? likelyName(name);
  if (exported && known) return { problem: `Leave out "export". Write: ${known}=…` };
  if (known !== name) return { problem: unknownName(known) };
  const first = earlier.get(name);
  if (first) return { problem: `${name} is set in line ${first.line} already. Keep one of the two lines.` };
  const value = readValue(rest);
  if (value !== undefined) return { name, value };
  return {
    problem: `${name}: the quotes are not right. Write: ${name}="…", with nothing but a comment behind it.`,
  };
}

/** Returns undefined when the quotes are not right. A backslash and a dollar sign mean nothing special. */
function readValue(rest: string): string | undefined {
  const quote = /^["']/.exec(rest)?.[0];
  if (!quote) return rest.replace(/(^|\s)#.*$/, '').trim();
  const end = rest.indexOf(quote, 1);
  const behind = rest.slice(end + 1);
  return end > 0 && /^\s*(#.*)?$/.test(behind) ? rest.slice(1, end) : undefined;
}

/** The variables that a file may set. It cannot name another file of settings. */
function fileNames(): string[] {
  return Object.values<Setting>(settings)
    .filter((setting) => setting.name !== settings.settingsFile.name)
    .flatMap((setting) => (setting.isSecret ? [setting.name, secretFileName(setting)] : setting.name));
}

function unknownName(likely: string | undefined): string {
  const advice = likely ? `Write: ${likely}=…` : '`npm start -- --help` lists the names.';
  return `There is no setting of this name. ${advice}`;
}

/** Finds the setting that somebody meant: other case, or at most two letters wrong. */
function likelyName(name: string): string | undefined {
  const upper = name.toUpperCase();
  const [nearest] = fileNames()
    .map((each) => ({
      each,
      distance: Math.min(editDistance(upper, each), editDistance(`TURNOVER_${upper}`, each)),
    }))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= 2 ? nearest.each : undefined;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replace = row[column - 1]! + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replace, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
