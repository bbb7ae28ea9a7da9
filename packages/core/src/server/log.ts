/**
 * Reads the log files for owners of the hub: backwards from the newest line, at most a few megabytes a call. A file may be missing
 * or rotated meanwhile, and a line may be anything.
 */
import type { Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListLogInput, LogLineView, LogListView } from '@turnover/domain/server/log';
import { logLevels, logProcesses, type LogProcess } from '@turnover/domain/server/log-words';
import type { Context } from '../context.ts';
import { logFileNames } from '../log-files.ts';

const maxBytesOfCall = 4 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const maxTextLength = 4000;
/** After so many lines in a row from before the asked time, no later one is looked for: a clock may have been wrong for a while. */
const maxEarlierLines = 1000;

/** Where a process's lines go on: before this offset of this file. Null: nothing is left. */
type Place = { file: string; end: number } | null;
/** A line, the place from which it is the next one, and the place behind it. */
type Found = { line: LogLineView; here: Place; place: Place };
type Budget = { bytes: number };
type Source = { process: LogProcess; place: Place; lines: AsyncGenerator<Found>; head: Found | undefined };

export async function listLog(
  { logs }: Pick<Context, 'logs'>,
  input: ListLogInput,
  budget: Budget = { bytes: maxBytesOfCall },
): Promise<LogListView> {
  if (logs === undefined) return { lines: [], next: null };
  const sources = await beginSources(logs, input, budget);
  const lines: LogLineView[] = [];
  try {
    while (lines.length < input.limit && budget.bytes > 0) {
      const newest = newestOf(sources);
      if (!newest) break;
      const { line, place } = newest.head!;
      newest.place = place;
      if (matches(line, input)) lines.push(line);
      await step(newest);
    }
  } finally {
    for (const source of sources) await source.lines.return(undefined);
  }
  const isEnd = budget.bytes > 0 && sources.every(({ head }) => !head);
  return { lines, next: isEnd ? null : nextOf(sources) };
}

async function beginSources(folder: string, input: ListLogInput, budget: Budget): Promise<Source[]> {
  const wanted = input.process ? [input.process] : logProcesses;
  const begun = readNext(input.before);
  const sources = wanted.flatMap((process): Source[] => {
    const place = begun?.get(process);
    if (begun && !place) return [];
    const lines = linesOf(folder, process, place ?? undefined, input.from, budget);
    return [{ process, place: place ?? null, lines, head: undefined }];
  });
  for (const source of sources) await step(source);
  return sources;
}

async function step(source: Source): Promise<void> {
  const { value, done } = await source.lines.next();
  source.head = done ? undefined : (value as Found);
  if (done) source.place = value as Place;
}

function newestOf(sources: readonly Source[]): Source | undefined {
  return sources
    .filter(({ head }) => head)
    .toSorted((one, other) => (other.head!.line.at ?? Infinity) - (one.head!.line.at ?? Infinity))[0];
}

/** Yields the lines of a process, newest first. Returns where they go on, or null at their end. */
async function* linesOf(
  folder: string,
  process: LogProcess,
  begin: Place | undefined,
  from: number | undefined,
  budget: Budget,
): AsyncGenerator<Found, Place> {
  let isReached = begin === undefined;
  let earlierLines = 0;
  const read = new Set<string>();
  for (const name of logFileNames(process)) {
    const file = await openOrNot(join(folder, name));
    if (!file) continue;
    try {
      const stats = await file.stat();
      const { size } = stats;
      const id = nameOf(stats);
      // It was renamed since it was read.
      if (read.has(id)) continue;
      read.add(id);
      const isBegin = begin?.file === id;
      if (!isReached && !isBegin) continue;
      isReached = true;
      const end = isBegin ? Math.min(begin!.end, size) : size;
      let here = { file: id, end };
      for await (const { text, start } of linesBackwards(file, end, budget)) {
        const place = { file: id, end: start };
        if (text === null) return here;
        const line = readLine(`${process}.${id}.${start}`, process, text);
        const isEarlier = from !== undefined && line.at !== null && line.at < from;
        earlierLines = isEarlier ? earlierLines + 1 : 0;
        if (earlierLines > maxEarlierLines) return null;
        if (text !== '' && !isEarlier) yield { line, here, place };
        here = place;
      }
    } finally {
      await file.close();
    }
  }
  return null;
}

/** Yields each line with its offset, the last one first; a text of null when the budget is used up. */
async function* linesBackwards(
  file: FileHandle,
  end: number,
  budget: Budget,
): AsyncGenerator<{ text: string | null; start: number }> {
  /** What was read but belongs to a line that begins further ahead. */
  let rest = Buffer.alloc(0);
  let position = end;
  while (position > 0) {
    if (budget.bytes <= 0) {
      yield { text: null, start: position };
      return;
    }
    const length = Math.min(chunkBytes, position);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position - length);
    if (bytesRead < length) return;
    budget.bytes -= length;
    position -= length;
    rest = Buffer.concat([buffer, rest]);
    let newline = rest.lastIndexOf(10);
    while (newline >= 0) {
      yield { text: rest.toString('utf8', newline + 1), start: position + newline };
      rest = rest.subarray(0, newline);
      newline = rest.lastIndexOf(10);
    }
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), start: 0 };
}

/** Stays when the file is renamed. The number of a removed file may be used again, so the time when it was made belongs to it. */
const nameOf = ({ ino, birthtimeMs }: Stats) => `${ino}-${Math.floor(birthtimeMs)}`;

async function openOrNot(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch {
    return null;
  }
}

function readLine(id: string, process: LogProcess, text: string): LogLineView {
  const entry = entryOf(text);
  if (!entry) return { id, process, at: null, level: null, event: null, text: cut(text), stack: null };
  const { at, level, event, stack, ...facts } = entry;
  const moment = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return {
    id,
    process,
    at: Number.isNaN(moment) ? null : moment,
    level: logLevels.find((each) => each === level) ?? null,
    event: typeof event === 'string' ? cut(event) : null,
    text: cut(
      Object.entries(facts)
        .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' '),
    ),
    stack: typeof stack === 'string' ? cut(stack) : null,
  };
}

function entryOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

const cut = (text: string) => (text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text);

function matches(line: LogLineView, { level, to, text }: ListLogInput): boolean {
  if (level && (line.level === null || logLevels.indexOf(line.level) < logLevels.indexOf(level)))
    return false;
  if (to !== undefined && (line.at === null || line.at >= to)) return false;
  if (!text) return true;
  const wanted = text.toLowerCase();
  return [line.event, line.text, line.stack].some((part) => part?.toLowerCase().includes(wanted));
}

/** `web.<file>.<offset>~worker.<file>.<offset>`: the places of those that have more. */
function nextOf(sources: readonly Source[]): string | null {
  const parts = sources.flatMap(({ process, place, head }) => {
    const at = head ? head.here : place;
    return at ? [`${process}.${at.file}.${at.end}`] : [];
  });
  return parts.length > 0 ? parts.join('~') : null;
}

function readNext(before: string | undefined): Map<LogProcess, Place> | undefined {
  if (before === undefined) return undefined;
  return new Map(
    before.split('~').flatMap((part): [LogProcess, Place][] => {
      const [name, file, end] = part.split('.');
      const process = logProcesses.find((each) => each === name);
      return process && /^\d+-\d+$/.test(file ?? '') && /^\d+$/.test(end ?? '')
        ? [[process, { file: file!, end: Number(end) }]]
        : [];
    }),
  );
}
