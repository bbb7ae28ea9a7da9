/** Texts about lists of requests and their problems. */
import type { BulkHeaderProblem } from '@turnover/domain/requests/list-reading';
import type { BulkLineProblem, BulkProblem } from '@turnover/domain/requests/from-list';
import type { BulkRequestColumn } from '@turnover/domain/requests/list-columns';
import type { CsvProblem, CsvSeparator } from '@turnover/domain/csv';
import type { TextEncoding, UndecodableText } from '@turnover/domain/text-encodings';
import * as m from '@turnover/messages/messages';

/** The labels of the columns on the page; a list with these labels can be read. */
export const columnWords: Record<BulkRequestColumn, () => string> = {
  name: m.requests_column_request,
  type: m.requests_filter_type,
  due: m.requests_column_due,
  assignees: m.requests_column_assignees,
  description: m.requests_bulk_column_description,
};

export const separatorWords: Record<CsvSeparator, () => string> = {
  ',': m.requests_bulk_separator_comma,
  ';': m.requests_bulk_separator_semicolon,
  '\t': m.requests_bulk_separator_tab,
  '|': m.requests_bulk_separator_bar,
};

export const encodingWords: Record<TextEncoding, () => string> = {
  'utf-8': () => 'UTF-8',
  'utf-16le': () => 'UTF-16 LE',
  'utf-16be': () => 'UTF-16 BE',
  'windows-1252': m.requests_bulk_encoding_western,
  'windows-1250': m.requests_bulk_encoding_central,
  'windows-1251': m.requests_bulk_encoding_cyrillic,
  macintosh: m.requests_bulk_encoding_mac,
};

export type Unreadable = CsvProblem | BulkHeaderProblem;

const lists: Record<
  Unreadable['problem'],
  (input: { line: number; columns: string; known: string }) => string
> = {
  empty: () => m.requests_bulk_problem_empty(),
  too_long: () => m.requests_bulk_problem_too_long(),
  too_many_lines: () => m.requests_bulk_problem_too_many_lines(),
  quote_not_closed: m.requests_bulk_problem_quote_not_closed,
  after_quote: m.requests_bulk_problem_after_quote,
  unknown_columns: m.requests_bulk_problem_unknown_columns,
  column_twice: m.requests_bulk_problem_column_twice,
  missing_columns: m.requests_bulk_problem_missing_columns,
};

const lines: Record<BulkProblem, (input: { value: string }) => string> = {
  name_missing: () => m.requests_bulk_name_missing(),
  name_invalid: m.requests_bulk_name_invalid,
  name_twice: m.requests_bulk_name_twice,
  name_taken: m.requests_bulk_name_taken,
  text_damaged: m.requests_bulk_text_damaged,
  formula_failed: m.requests_bulk_formula_failed,
  type_unknown: m.requests_bulk_type_unknown,
  date_unknown: m.requests_bulk_date_unknown,
  date_ambiguous: m.requests_bulk_date_ambiguous,
  date_impossible: m.requests_bulk_date_impossible,
  date_time_impossible: m.requests_bulk_date_time_impossible,
  date_incomplete: m.requests_bulk_date_incomplete,
  date_too_narrow: m.requests_bulk_date_too_narrow,
  date_out_of_range: m.requests_bulk_date_out_of_range,
  date_passed: m.requests_bulk_date_passed,
  date_serial: m.requests_bulk_date_serial,
  assignee_unknown: m.requests_bulk_assignee_unknown,
  assignee_ambiguous: m.requests_bulk_assignee_ambiguous,
  too_many_assignees: () => m.requests_bulk_too_many_assignees(),
  description_invalid: () => m.requests_bulk_description_invalid(),
  cells_without_column: m.requests_bulk_cells_without_column,
};

export function wordsForList(problem: Unreadable): string {
  const columns = 'columns' in problem ? problem.columns.map(labelled).join(', ') : '';
  const known = 'known' in problem ? problem.known.map((column) => columnWords[column]()).join(', ') : '';
  return lists[problem.problem]({ line: 'line' in problem ? problem.line : 1, columns, known });
}

export function wordsForLine({ problem, value }: BulkLineProblem): string {
  const shown = value.length > 60 ? `${value.slice(0, 59)}…` : value;
  return lines[problem]({ value: shown });
}

export function wordsForFile(
  { problem }: UndecodableText,
  name: string,
  encoding: TextEncoding | null,
): string {
  if (problem === 'workbook') return m.requests_bulk_problem_workbook({ name });
  if (problem === 'binary') return m.requests_bulk_problem_binary({ name });
  return m.requests_bulk_problem_other_encoding({
    name,
    encoding: encoding ? encodingWords[encoding]() : '',
  });
}

/**
 * Returns the label of a column. A missing column is one of ours and has a label on the page; an unknown one is quoted
 * as written.
 */
function labelled(column: string): string {
  return column in columnWords ? columnWords[column as BulkRequestColumn]() : column;
}
