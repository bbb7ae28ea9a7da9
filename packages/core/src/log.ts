/** The log of a process on standard error: one line per event, as JSON for programs or as text for people, without secrets. */
import type { Clock, Log } from './context.ts';
import { hideSecrets, isSecretName } from './hide-secrets.ts';

export type LogLevel = 'silent' | 'error' | 'info' | 'debug';
export type LogFormat = 'text' | 'json';

/** Chooses text for a terminal and JSON otherwise, unless the setting names a format. */
export function logFormat(wanted: LogFormat | 'auto', isTerminal: boolean): LogFormat {
  if (wanted !== 'auto') return wanted;
  return isTerminal ? 'text' : 'json';
}

/** In characters. */
const maxKeptFact = 4000;

const weights = { debug: 0, info: 1, warn: 2, error: 3 } as const;
const lowest: Record<LogLevel, number> = { debug: 0, info: 1, error: 3, silent: 4 };

type Entry = { at: number; severity: keyof typeof weights; event: string; facts: Record<string, unknown> };

/** `keep` gets each line as JSON too. */
export function createLog(
  { level, format, keep }: { level: LogLevel; format: LogFormat; keep?: (line: string) => void },
  clock: Clock,
  write: (line: string) => void = console.error,
): Log {
  const line = format === 'json' ? jsonLine : textLine;
  return (severity, event, facts = {}) => {
    if (weights[severity] < lowest[level]) return;
    const entry = { at: clock(), severity, event, facts: withoutSecrets(facts) };
    write(hideSecrets(line(entry)));
    keep?.(hideSecrets(jsonLine({ ...entry, facts: shortened(entry.facts) })));
  };
}

function withoutSecrets(facts: Entry['facts']): Entry['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, isSecretName(name) ? '[hidden]' : value]),
  );
}

/** So that a line that is kept stays whole: one that is cut has no level any more. */
function shortened(facts: Entry['facts']): Entry['facts'] {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, cutValue(value)]));
}

function cutValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > maxKeptFact ? `${text.slice(0, maxKeptFact)}…` : value;
}

function jsonLine({ at, severity, event, facts }: Entry): string {
  const own = { at: new Date(at).toISOString(), level: severity, event };
  // A fact of the same name must not take the place of the time, level or event.
  return JSON.stringify({ ...own, ...facts, ...own });
}

/** `14:03:08 warn  upload.waits  uploadId=upl_… code=no_space`. The stack of an error follows on lines of its own. */
function textLine({ at, severity, event, facts }: Entry): string {
  const { stack, ...others } = facts;
  const words = Object.entries(others)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${textValue(value)}`);
  const head = [`${timeOfDay(at)} ${severity.padEnd(5)} ${event}`, ...words].join('  ');
  return typeof stack === 'string' ? `${head}\n${indented(stack)}` : head;
}

/** Local time of day, because people read the text on the machine itself. */
function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** Quotes everything except a single plain word, so that no value can look like another line or another fact. */
function textValue(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  return JSON.stringify(value);
}

function indented(stack: string): string {
  return stack
    .split('\n')
    .map((each) => `    ${each.trim()}`)
    .join('\n');
}

/** Logs the error that ends the process. Node prints it and ends the process as before. */
export function logCrash(log: Log): void {
  process.on('uncaughtExceptionMonitor', (error) => {
    log('error', 'process.crashed', { stack: error.stack ?? String(error) });
  });
}
