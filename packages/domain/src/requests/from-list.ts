/** Checks the lines of a list of requests to create, and reports the problems of each. */
import type { BulkRequestColumn } from './list-columns.ts';
import type { BulkLine } from './list-reading.ts';
import { addDays, dayAt, momentAt, startOfDay } from '../days.ts';
import { lineProblem, tidyLine } from '../names/lines.ts';
import { isCleanText } from '../names/names.ts';
import { maxAssignees, maxDueAt, maxRequestDescription, maxRequestName } from './limits.ts';
import type { AssigneeInput } from './requests.ts';
import { isDamaged } from '../text-encodings.ts';
import { readWrittenDate, type DateOrder, type DateProblem } from '../written-dates.ts';

/** Severity by problem. An error prevents the request of its line; a warning or note does not. */
export const bulkProblemSeverities = {
  name_missing: 'error',
  name_invalid: 'error',
  name_twice: 'warning',
  name_taken: 'warning',
  /** Some characters were lost before the list was uploaded. */
  text_damaged: 'error',
  /** A spreadsheet wrote `#REF!` or `#N/A` for a failed formula. */
  formula_failed: 'error',
  type_unknown: 'error',
  date_unknown: 'error',
  date_ambiguous: 'error',
  date_impossible: 'error',
  date_time_impossible: 'error',
  date_incomplete: 'error',
  date_too_narrow: 'error',
  date_out_of_range: 'error',
  date_passed: 'warning',
  /** The date was a spreadsheet's serial number. */
  date_serial: 'note',
  assignee_unknown: 'error',
  assignee_ambiguous: 'error',
  too_many_assignees: 'error',
  description_invalid: 'error',
  cells_without_column: 'error',
} as const;
export type BulkProblem = keyof typeof bulkProblemSeverities;

/** `column` is null for a problem of the line as a whole. */
export type BulkLineProblem = {
  line: number;
  column: BulkRequestColumn | null;
  problem: BulkProblem;
  severity: 'error' | 'warning' | 'note';
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

/** Everything that names in the list can refer to: the project's types and members, and the members' companies. */
export type BulkContext = {
  timeZone: string;
  now: number;
  types: readonly { id: string; name: string }[];
  people: readonly { id: string; email: string; name?: string }[];
  companies: readonly { id: string; name: string }[];
  /** Whether the day or the month comes first in `12/5/2026`; null when undecided. */
  dateOrder?: DateOrder | null;
  /** Names of the project's present requests, in the form of `foldedName`. */
  taken?: ReadonlySet<string>;
};

export type CheckedLine = {
  line: number;
  request: BulkRequestLine;
  problems: BulkLineProblem[];
  /** True when the line has no error, so that a request can be created from it. */
  isGood: boolean;
};

type Report = (column: BulkRequestColumn | null, problem: BulkProblem, value: string) => void;

/** Checks each line by itself, and reports names that occur twice. */
export function checkBulkLines(lines: readonly BulkLine[], context: BulkContext): CheckedLine[] {
  const readName = nameReader(context);
  const typeIds = new Map(context.types.map(({ id, name }) => [folded(name), id]));
  const readDue = dueReader(context);
  const readAssignees = assigneesReader(context);
  return lines.map(({ line, cells, beyond }) => {
    const problems: BulkLineProblem[] = [];
    const report: Report = (column, problem, value) =>
      problems.push({ line, column, problem, severity: bulkProblemSeverities[problem], value });
    /** Returns the text of a cell; null after reporting that it is damaged or holds a failed formula. */
    const cell = (column: BulkRequestColumn) => {
      const text = cells[column].trim();
      const problem = isDamaged(text) ? 'text_damaged' : failedFormula.test(text) ? 'formula_failed' : null;
      if (problem) report(column, problem, text);
      return problem ? null : text;
    };

    if (beyond !== '') report(null, 'cells_without_column', beyond);
    const name = readName(cell('name'), report);
    const type = cell('type') ?? '';
    const typeId = typeIds.get(folded(type)) ?? null;
    if (type !== '' && typeId === null) report('type', 'type_unknown', type);
    const dueAt = readDue(cell('due') ?? '', report);
    const assignees = readAssignees(cell('assignees') ?? '', report);
    const description = cell('description') ?? '';
    if (description.length > maxRequestDescription || !isCleanText(description))
      report('description', 'description_invalid', description);
    return {
      line,
      request: { line, name, typeId, dueAt, assignees, description },
      problems,
      isGood: !problems.some(({ severity }) => severity === 'error'),
    };
  });
}

/** Error values of spreadsheets, including the Spanish form `#¡REF!`. */
const failedFormula = /^#(?:[¡¿]?[A-ZÁÉÍÓÚÑ/0]+[!?]|N\/[AD])$/;

/** Returns the form in which names of requests are compared: trimmed, in lower case, composed (NFC). */
export function foldedName(name: string): string {
  return folded(name);
}

function nameReader({ taken }: BulkContext) {
  const names = new Set<string>();
  return (name: string | null, report: Report): string => {
    if (name === null) return '';
    if (name === '') report('name', 'name_missing', '');
    else if (lineProblem(tidyLine(name), maxRequestName)) report('name', 'name_invalid', name);
    else if (names.has(folded(name))) report('name', 'name_twice', name);
    else if (taken?.has(folded(name))) report('name', 'name_taken', name);
    names.add(folded(name));
    return name;
  };
}

type ReadDue = { at: number | null; problems: BulkProblem[] };
const dateProblems: Record<DateProblem, BulkProblem> = {
  unknown: 'date_unknown',
  ambiguous: 'date_ambiguous',
  impossible: 'date_impossible',
  time_impossible: 'date_time_impossible',
  incomplete: 'date_incomplete',
  too_narrow: 'date_too_narrow',
};

function dueReader({ timeZone, now, dateOrder = null }: BulkContext) {
  const today = startOfDay(dayAt(now, timeZone), timeZone);
  // Caches dates by their text: most lines share a few dates, and each takes a dozen time zone conversions.
  const known = new Map<string, ReadDue>();
  const read = (text: string): ReadDue => {
    const date = readWrittenDate(text, dateOrder);
    if ('problem' in date) return { at: null, problems: [dateProblems[date.problem]] };
    const at = date.at ?? dueMoment(date, timeZone);
    if (!(at >= 0 && at <= maxDueAt)) return { at: null, problems: ['date_out_of_range'] };
    return {
      at,
      problems: [
        ...(date.serial ? (['date_serial'] as const) : []),
        ...(at < today ? (['date_passed'] as const) : []),
      ],
    };
  };
  return (text: string, report: Report): number | null => {
    if (text === '') return null;
    let due = known.get(text);
    if (due === undefined) known.set(text, (due = read(text)));
    for (const problem of due.problems) report('due', problem, text);
    return due.at;
  };
}

/** Returns the due moment. A day without a time is due at its end. A time without an offset is in `timeZone`. */
function dueMoment({ day, time }: { day: string; time: string | null }, timeZone: string): number {
  if (time !== null) return momentAt(day, time.slice(0, 5), timeZone) + Number(time.slice(6)) * 1000;
  // One minute before the end of the day, so that pages show the day as written.
  return startOfDay(addDays(day, 1), timeZone) - 60_000;
}

/**
 * Finds out whether a person must decide if the day or the month comes first (`isNeeded`). `stated`: orders that other
 * dates of the list show, with examples.
 */
export function dateOrderOf(lines: readonly BulkLine[]): {
  isNeeded: boolean;
  example: string | null;
  stated: { order: DateOrder; example: string }[];
} {
  let example: string | null = null;
  const stated = new Map<DateOrder, string>();
  for (const text of new Set(lines.map(({ cells }) => cells.due.trim()))) {
    const date = readWrittenDate(text);
    if ('problem' in date) {
      if (date.problem === 'ambiguous') example ??= text;
    } else if (date.order && !stated.has(date.order)) stated.set(date.order, text);
  }
  return {
    isNeeded: example !== null,
    example,
    stated: [...stated].map(([order, each]) => ({ order, example: each })),
  };
}

type Named = AssigneeInput | 'several';

/**
 * Returns a function that parses e-mail addresses and names of people and companies, separated by `;` or `,`. A name
 * may itself contain a comma.
 */
function assigneesReader({ people, companies }: BulkContext) {
  const known = new Map<string, Named>();
  for (const { id, name } of people) {
    if (name === undefined) continue;
    known.set(folded(name), known.has(folded(name)) ? 'several' : { userId: id });
  }
  for (const { id, name } of companies) {
    known.set(folded(name), known.has(folded(name)) ? 'several' : { companyId: id });
  }
  for (const { id, email } of people) known.set(folded(email), { userId: id });
  return (text: string, report: Report): AssigneeInput[] => {
    const isOne = known.has(folded(text));
    const written = isOne
      ? [text]
      : text
          .split(/[;,\n]/)
          .map((each) => each.trim())
          .filter(Boolean);
    for (const each of written) {
      const meant = known.get(folded(each));
      if (meant === undefined) report('assignees', 'assignee_unknown', each);
      if (meant === 'several') report('assignees', 'assignee_ambiguous', each);
    }
    const found = [
      ...new Set(
        written.flatMap((each) => known.get(folded(each)) ?? []).filter((each) => each !== 'several'),
      ),
    ];
    if (found.length > maxAssignees) report('assignees', 'too_many_assignees', String(found.length));
    return found;
  };
}

function folded(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
