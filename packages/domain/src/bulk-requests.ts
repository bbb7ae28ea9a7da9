/** Requests made from a list: what each line says, and what is wrong with it. */
import { readCsv, type CsvProblem, type CsvRecord } from './csv.ts';
import { addDays, dayAt, daySchema, momentAt, startOfDay } from './days.ts';
import { createRequestInput, type AssigneeInput } from './requests.ts';

export const bulkRequestColumns = ['name', 'type', 'due', 'assignees', 'description'] as const;
export type BulkRequestColumn = (typeof bulkRequestColumns)[number];

/** A request can still be made in spite of a warning. */
export const bulkProblemSeverities = {
  name_missing: 'error',
  name_invalid: 'error',
  name_twice: 'warning',
  type_unknown: 'error',
  date_invalid: 'error',
  date_passed: 'warning',
  assignee_unknown: 'error',
  too_many_assignees: 'error',
  description_invalid: 'error',
  cells_without_column: 'error',
} as const;
export type BulkProblem = keyof typeof bulkProblemSeverities;

/** `column` is null where the line as a whole is meant. */
export type BulkLineProblem = {
  line: number;
  column: BulkRequestColumn | null;
  problem: BulkProblem;
  severity: 'error' | 'warning';
  value: string;
};

export type BulkRequestLine = {
  line: number;
  name: string;
  typeId: string | null;
  dueAt: number | null;
  assignees: AssigneeInput[];
  description: string;
};

/** Columns the header has and the list of requests does not, or that it has twice, or lacks. */
export type BulkHeaderProblem = {
  problem: 'unknown_columns' | 'column_twice' | 'missing_columns';
  columns: string[];
  known: readonly BulkRequestColumn[];
};

const fields = createRequestInput.shape;

/** What names in the list can mean: the project's types and members, and the companies they work for. */
export type BulkContext = {
  timeZone: string;
  now: number;
  types: readonly { id: string; name: string }[];
  people: readonly { id: string; email: string }[];
  companies: readonly { id: string; name: string }[];
};

export type BulkRequests = {
  /** Lines without an error. */
  requests: BulkRequestLine[];
  problems: BulkLineProblem[];
};

/** `name` must be among the columns; they come in any order and case. */
export function readBulkRequests(
  text: string,
  context: BulkContext,
): BulkRequests | CsvProblem | BulkHeaderProblem {
  const csv = readCsv(text);
  if ('problem' in csv) return csv;
  const [header, ...records] = csv.records;
  const columns = (header?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  const wrong = headerProblem(columns);
  if (wrong) return wrong;
  const read = lineReader(columns as BulkRequestColumn[], context);
  const result: BulkRequests = { requests: [], problems: [] };
  for (const record of records) {
    const { request, problems } = read(record);
    result.problems.push(...problems);
    if (!problems.some(({ severity }) => severity === 'error')) result.requests.push(request);
  }
  return result;
}

function headerProblem(columns: readonly string[]): BulkHeaderProblem | null {
  const known = bulkRequestColumns;
  const unknown = columns.filter((column) => !(known as readonly string[]).includes(column));
  if (unknown.length > 0) return { problem: 'unknown_columns', columns: unknown, known };
  const twice = columns.filter((column, index) => columns.indexOf(column) !== index);
  if (twice.length > 0) return { problem: 'column_twice', columns: twice, known };
  return columns.includes('name') ? null : { problem: 'missing_columns', columns: ['name'], known };
}

type Tell = (column: BulkRequestColumn | null, problem: BulkProblem, value: string) => void;

function lineReader(columns: readonly BulkRequestColumn[], context: BulkContext) {
  const readName = nameReader();
  const typeIds = new Map(context.types.map(({ id, name }) => [folded(name), id]));
  const readDue = dueReader(context);
  const readAssignees = assigneesReader(context);
  return ({ line, cells }: CsvRecord): { request: BulkRequestLine; problems: BulkLineProblem[] } => {
    const problems: BulkLineProblem[] = [];
    const tell: Tell = (column, problem, value) =>
      problems.push({ line, column, problem, severity: bulkProblemSeverities[problem], value });
    const cell = (column: BulkRequestColumn) => cells[columns.indexOf(column)]?.trim() ?? '';

    const extra = cells.slice(columns.length).filter((each) => each.trim() !== '');
    if (extra.length > 0) tell(null, 'cells_without_column', extra.join(' '));
    const name = readName(cell('name'), tell);
    const typeId = typeIds.get(folded(cell('type'))) ?? null;
    if (cell('type') !== '' && typeId === null) tell('type', 'type_unknown', cell('type'));
    const dueAt = readDue(cell('due'), tell);
    const assignees = readAssignees(cell('assignees'), tell);
    const description = cell('description');
    if (!fields.description.safeParse(description).success)
      tell('description', 'description_invalid', description);
    return { request: { line, name, typeId, dueAt, assignees, description }, problems };
  };
}

function nameReader() {
  const names = new Set<string>();
  return (name: string, tell: Tell): string => {
    if (name === '') tell('name', 'name_missing', '');
    else if (!fields.name.safeParse(name).success) tell('name', 'name_invalid', name);
    else if (names.has(folded(name))) tell('name', 'name_twice', name);
    names.add(folded(name));
    return name;
  };
}

function dueReader({ timeZone, now }: BulkContext) {
  const today = startOfDay(dayAt(now, timeZone), timeZone);
  // Most lines of a list share a few dates, and each takes a dozen readings of the clock.
  const known = new Map<string, number | null>();
  return (text: string, tell: Tell): number | null => {
    if (text === '') return null;
    let at = known.get(text);
    if (at === undefined) known.set(text, (at = dueMoment(text, timeZone)));
    if (at === null) tell('due', 'date_invalid', text);
    else if (at < today) tell('due', 'date_passed', text);
    return at;
  };
}

/** `2026-12-31` is due at the end of that day, `2026-12-31 18:00` at that time; null for anything else. */
function dueMoment(text: string, timeZone: string): number | null {
  const [, day = '', time] = /^(\d{4}-\d{2}-\d{2})(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d))?$/.exec(text) ?? [];
  if (!daySchema.safeParse(day).success) return null;
  // The last minute, so that the day is still the one that was written wherever it is shown.
  const at = time ? momentAt(day, time, timeZone) : startOfDay(addDays(day, 1), timeZone) - 60_000;
  return fields.dueAt.safeParse(at).success ? at : null;
}

/** E-mail addresses and names of companies, separated by `;` or `,`; a company's name may have a comma itself. */
function assigneesReader({ people, companies }: BulkContext) {
  const known = new Map<string, AssigneeInput>([
    ...companies.map(({ id, name }) => [folded(name), { companyId: id }] as const),
    ...people.map(({ id, email }) => [folded(email), { userId: id }] as const),
  ]);
  return (text: string, tell: Tell): AssigneeInput[] => {
    const isOne = known.has(folded(text));
    const written = isOne
      ? [text]
      : text
          .split(/[;,]/)
          .map((each) => each.trim())
          .filter(Boolean);
    for (const each of written) if (!known.has(folded(each))) tell('assignees', 'assignee_unknown', each);
    const found = [...new Set(written.flatMap((each) => known.get(folded(each)) ?? []))];
    if (!fields.assignees.safeParse(found).success)
      tell('assignees', 'too_many_assignees', String(found.length));
    return found;
  };
}

function folded(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
