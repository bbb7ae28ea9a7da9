/**
 * Reads and writes CSV as spreadsheets do (RFC 4180), with any of several separators. Each record knows the line it
 * begins on.
 */

export const maxCsvLines = 10_000;
/** Maximum length in characters. A typical list with `maxCsvLines` lines is ten times shorter. */
const maxCsvLength = 20_000_000;

export const csvSeparators = [',', ';', '\t', '|'] as const;
export type CsvSeparator = (typeof csvSeparators)[number];

/** One row of the list. `line` counts from 1, as in an editor. A quoted cell may span several lines. */
export type CsvRecord = { line: number; cells: string[] };
export const csvProblems = [
  'empty',
  'too_long',
  'too_many_lines',
  'quote_not_closed',
  'after_quote',
] as const;
export type CsvProblem = { problem: (typeof csvProblems)[number]; line: number };

export type CsvOptions = {
  /** When undefined, a first line `sep=;` decides, or else the character that most of the first lines contain. */
  separator?: CsvSeparator;
  /** Reads at most this many records. */
  most?: number;
};

/** Returns the records that are not blank, including the header, or the first problem and its line number. */
export function readCsv(
  text: string,
  { separator, most = Infinity }: CsvOptions = {},
): { separator: CsvSeparator; records: CsvRecord[] } | CsvProblem {
  if (text.length > maxCsvLength) return { problem: 'too_long', line: 1 };
  const { said, body, firstLine } = withoutPreface(text.replace(/^\uFEFF/, ''));
  const by = separator ?? said ?? separatorOf(body);
  const records: CsvRecord[] = [];
  for (let at = 0, line = firstLine; at < body.length && records.length < most;) {
    const read = readRecord(body, at, line, by);
    if ('problem' in read) return read;
    if (read.cells.some((cell) => cell.trim() !== '')) records.push({ line, cells: read.cells });
    if (records.length > maxCsvLines + 1) return { problem: 'too_many_lines', line };
    at = read.next;
    line = read.line;
  }
  return records.length === 0 ? { problem: 'empty', line: 1 } : { separator: by, records };
}

/**
 * Writes a list for spreadsheets: with a byte order mark for UTF-8, and with an apostrophe before each cell that they
 * would run as a formula.
 */
export function writeCsv(records: readonly (readonly string[])[], separator: CsvSeparator = ','): string {
  return csvStart + records.map((cells) => csvLine(cells, separator)).join('');
}

/** The byte order mark that precedes the first line. */
export const csvStart = '\uFEFF';

/** Formats one record with its line break, for a list that is written while it is sent. */
export function csvLine(cells: readonly string[], separator: CsvSeparator = ','): string {
  const written = cells.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`);
  return `${written.join(separator)}\r\n`;
}

/** Text that a spreadsheet may run as a formula. The apostrophe turns it into plain text; reading removes it again. */
const formula = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

function harmless(cell: string): string {
  return formula.test(cell) ? `'${cell}` : cell;
}

export function withoutApostrophe(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}

/** Removes a first line `sep=;`, which tells the opening program the separator and is not a record. */
function withoutPreface(text: string): { said?: CsvSeparator; body: string; firstLine: number } {
  const [whole = '', mark] = /^\s*"?sep=(.)"?[,;\t|]*(?:\r\n|\r|\n|$)/i.exec(text) ?? [];
  const said = csvSeparators.find((each) => each === mark);
  return said
    ? { said, body: text.slice(whole.length), firstLine: 1 + lineBreaks(whole) }
    : { body: text, firstLine: 1 };
}

const linesLookedAt = 20;

/** Returns the separator that most of the first lines contain outside quotes. On a tie, the more frequent one wins. */
function separatorOf(text: string): CsvSeparator {
  const lines = text
    .slice(0, 64_000)
    .replace(/"[^"]*"/g, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, linesLookedAt);
  const score = (separator: string) => {
    const counts = lines.map((line) => line.split(separator).length - 1);
    return counts.filter(Boolean).length * 1000 + Math.max(0, ...counts);
  };
  return csvSeparators.reduce((best, each) => (score(each) > score(best) ? each : best));
}

/** Reads the record at `at`. `next` and `line` in the result are where the following record begins. */
function readRecord(
  text: string,
  start: number,
  startLine: number,
  separator: string,
): { cells: string[]; next: number; line: number } | CsvProblem {
  const cells: string[] = [];
  let at = start;
  let line = startLine;
  for (;;) {
    const cell = text[at] === '"' ? readQuoted(text, at, line) : readPlain(text, at, separator);
    if ('problem' in cell) return cell;
    cells.push(cell.value);
    line += lineBreaks(cell.value);
    at = cell.next;
    if (text[at] !== separator) break;
    at += 1;
  }
  if (at < text.length && text[at] !== '\r' && text[at] !== '\n') return { problem: 'after_quote', line };
  return { cells, next: at + (text.startsWith('\r\n', at) ? 2 : 1), line: line + 1 };
}

function readPlain(text: string, start: number, separator: string): { value: string; next: number } {
  let next = start;
  while (next < text.length && text[next] !== separator && text[next] !== '\r' && text[next] !== '\n') next++;
  return { value: text.slice(start, next), next };
}

function readQuoted(text: string, start: number, line: number): { value: string; next: number } | CsvProblem {
  let value = '';
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return { problem: 'quote_not_closed', line };
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, next: quote + 1 };
    value += '"';
    from = quote + 2;
  }
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
