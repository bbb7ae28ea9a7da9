/** Reads a list (CSV) of requests to create: its separator, its header and its lines, without checking the cells. */
import {
  csvSeparators,
  readCsv,
  withoutApostrophe,
  type CsvProblem,
  type CsvRecord,
  type CsvSeparator,
} from '../csv.ts';
import { bulkRequestColumns, columnUse, type BulkRequestColumn, type ColumnUse } from './list-columns.ts';

/** The header has unknown columns, repeats a column, or lacks a required one. */
export type BulkHeaderProblem = {
  problem: 'unknown_columns' | 'column_twice' | 'missing_columns';
  columns: string[];
  known: readonly BulkRequestColumn[];
};

/** A person's decisions about the list as a whole. */
export type BulkChoices = {
  separator?: CsvSeparator;
  /** The use of columns with unknown labels, by label in lower case. */
  columns?: Readonly<Record<string, ColumnUse>>;
};

/** One line of the list. `beyond`: the text of cells that have no column. */
export type BulkLine = { line: number; cells: Record<BulkRequestColumn, string>; beyond: string };
export type BulkList = {
  separator: CsvSeparator;
  columns: BulkRequestColumn[];
  /** The records above the header, such as a title or a date. */
  above: CsvRecord[];
  lines: BulkLine[];
};

/**
 * Finds the separator, the header and the lines. Columns may come in any order, under any known label; `name` is
 * required.
 */
export function readBulkList(
  text: string,
  { separator, columns: chosen = {} }: BulkChoices = {},
): BulkList | CsvProblem | BulkHeaderProblem {
  const csv = readCsv(text, { separator: separator ?? separatorByHeader(text) });
  if ('problem' in csv) return csv;
  const place = headerPlace(csv.records);
  const header = csv.records[place]?.cells ?? [];
  const uses = header.map((label) => useOf(label, chosen));
  const wrong = headerProblem(header, uses);
  if (wrong) return wrong;
  return {
    separator: csv.separator,
    columns: bulkRequestColumns.filter((column) => uses.includes(column)),
    above: csv.records.slice(0, place),
    lines: csv.records.slice(place + 1).map((record) => toLine(record, uses)),
  };
}

type Use = ColumnUse | 'unlabelled' | undefined;

function useOf(label: string, chosen: Readonly<Record<string, ColumnUse>>): Use {
  if (label.trim() === '') return 'unlabelled';
  return columnUse(label) ?? chosen[label.trim().toLowerCase()];
}

function headerProblem(header: readonly string[], uses: readonly Use[]): BulkHeaderProblem | null {
  const known = bulkRequestColumns;
  const labels = header.map((label) => label.trim().toLowerCase());
  const unknown = [...new Set(labels.filter((_, index) => uses[index] === undefined))];
  if (unknown.length > 0) return { problem: 'unknown_columns', columns: unknown, known };
  const twice = labels.filter((_, index) => {
    const use = uses[index];
    return use !== 'none' && use !== 'unlabelled' && uses.indexOf(use) !== index;
  });
  if (twice.length > 0) return { problem: 'column_twice', columns: twice, known };
  return uses.includes('name') ? null : { problem: 'missing_columns', columns: ['name'], known };
}

const linesAboveHeader = 20;

/**
 * Returns the index of the record with the most known labels among the first ones, because a title and a date may stand
 * above the header.
 */
function headerPlace(records: readonly CsvRecord[]): number {
  const known = records.slice(0, linesAboveHeader).map(labelsKnown);
  return Math.max(0, known.indexOf(Math.max(...known)));
}

function labelsKnown({ cells }: CsvRecord): number {
  const uses = cells.flatMap((label) => columnUse(label) ?? []);
  return new Set(uses).size + (uses.includes('name') ? 1 : 0);
}

/**
 * Returns the separator that yields the most known labels, because a title may contain many commas. Undefined when too
 * few labels are known.
 */
function separatorByHeader(text: string): CsvSeparator | undefined {
  if (/^\uFEFF?\s*"?sep=/i.test(text)) return undefined;
  const known = csvSeparators.map((separator) => {
    const read = readCsv(text, { separator, most: linesAboveHeader });
    return 'problem' in read ? 0 : Math.max(...read.records.map(labelsKnown));
  });
  const best = Math.max(...known);
  // Every separator finds a single label, so at least two must be known.
  return best > 2 ? csvSeparators[known.indexOf(best)] : undefined;
}

function toLine({ line, cells }: CsvRecord, uses: readonly Use[]): BulkLine {
  const cellOf = (column: BulkRequestColumn) =>
    withoutApostrophe(cells[uses.indexOf(column)]?.trim() ?? '').trim();
  const beyond = cells.filter((_, index) => index >= uses.length || uses[index] === 'unlabelled');
  return {
    line,
    cells: {
      name: cellOf('name'),
      type: cellOf('type'),
      due: cellOf('due'),
      assignees: cellOf('assignees'),
      description: cellOf('description'),
    },
    beyond: beyond.filter((each) => each.trim() !== '').join(' '),
  };
}
