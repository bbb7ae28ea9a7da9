/** What is wrong with a list of requests, in words. */
import type {
  BulkHeaderProblem,
  BulkLineProblem,
  BulkProblem,
  BulkRequests,
} from '@turnover/domain/bulk-requests';
import type { CsvProblem } from '@turnover/domain/csv';
import * as m from '@turnover/messages/messages';

type Unreadable = Exclude<CsvProblem | BulkHeaderProblem, BulkRequests>;

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
  type_unknown: m.requests_bulk_type_unknown,
  date_invalid: m.requests_bulk_date_invalid,
  date_passed: m.requests_bulk_date_passed,
  assignee_unknown: m.requests_bulk_assignee_unknown,
  too_many_assignees: () => m.requests_bulk_too_many_assignees(),
  description_invalid: () => m.requests_bulk_description_invalid(),
  cells_without_column: m.requests_bulk_cells_without_column,
};

export function wordsForList(problem: Unreadable): string {
  const columns = 'columns' in problem ? problem.columns.join(', ') : '';
  const known = 'known' in problem ? problem.known.join(', ') : '';
  return lists[problem.problem]({ line: 'line' in problem ? problem.line : 1, columns, known });
}

export function wordsForLine({ problem, value }: BulkLineProblem): string {
  const shown = value.length > 60 ? `${value.slice(0, 59)}…` : value;
  return lines[problem]({ value: shown });
}
