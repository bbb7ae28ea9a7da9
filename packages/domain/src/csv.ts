/** Lists of separated values as spreadsheets write them (RFC 4180): read with the line each record begins at. */

export const maxCsvLines = 10_000;
/** Characters; a list of that many lines is a tenth of it. */
const maxCsvLength = 20_000_000;

export const csvSeparators = [',', ';', '\t'] as const;
export type CsvSeparator = (typeof csvSeparators)[number];

/** `line` counts from 1, as an editor shows it; a quoted cell may go over several. */
export type CsvRecord = { line: number; cells: string[] };
export const csvProblems = [
  'empty',
  'too_long',
  'too_many_lines',
  'quote_not_closed',
  'after_quote',
] as const;
export type CsvProblem = { problem: (typeof csvProblems)[number]; line: number };

/** The records that are not blank, the header included, or why the list cannot be read. */
export function readCsv(text: string): { separator: CsvSeparator; records: CsvRecord[] } | CsvProblem {
  if (text.length > maxCsvLength) return { problem: 'too_long', line: 1 };
  const body = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(body);
  const records: CsvRecord[] = [];
  for (let at = 0, line = 1; at < body.length;) {
    const read = readRecord(body, at, line, separator);
    if ('problem' in read) return read;
    if (read.cells.some((cell) => cell.trim() !== '')) records.push({ line, cells: read.cells });
    if (records.length > maxCsvLines + 1) return { problem: 'too_many_lines', line };
    at = read.next;
    line = read.line;
  }
  return records.length === 0 ? { problem: 'empty', line: 1 } : { separator, records };
}

/** The one that the first line that is not blank has most of, outside quotes. */
function separatorOf(text: string): CsvSeparator {
  const header = /^\s*([^\r\n]*)/.exec(text)?.[1]?.replace(/"[^"]*"/g, '') ?? '';
  const count = (separator: string) => header.split(separator).length;
  return csvSeparators.reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** `next` and `line`: where the record after it begins. */
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
