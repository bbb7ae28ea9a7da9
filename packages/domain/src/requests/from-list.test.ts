import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateOrderOf, checkBulkLines, type BulkContext, type BulkProblem } from './from-list.ts';
import { readBulkList, type BulkChoices } from './list-reading.ts';
import { bulkRequestColumns, columnUse } from './list-columns.ts';
import { csvSeparators, maxCsvLines, writeCsv } from '../csv.ts';
import { makeId } from '../ids.ts';

const id = (noun: 'user' | 'company' | 'requestType', n: number) => makeId(noun, n, new Uint8Array(10));
const ada = id('user', 1);
const mixers = id('company', 2);
const twins = id('company', 3);
const cues = id('requestType', 4);
const context: BulkContext = {
  timeZone: 'Europe/Berlin',
  now: Date.parse('2026-11-27T12:00Z'),
  types: [{ id: cues, name: 'Music cues' }],
  people: [
    { id: ada, email: 'ada@example.com', name: 'Ada Lovelace' },
    { id: id('user', 5), email: 'one@example.com', name: 'Twin' },
    { id: id('user', 6), email: 'two@example.com', name: 'Twin' },
  ],
  companies: [
    { id: mixers, name: 'Été Sound' },
    { id: twins, name: 'Castor, Pollux; Ltd' },
  ],
};

/** Reads and checks a list. Returns the lines without an error, and all problems. */
function readBulkRequests(text: string, known: BulkContext, choices: BulkChoices = {}) {
  const list = readBulkList(text, choices);
  if ('problem' in list) return list;
  const checked = checkBulkLines(list.lines, known);
  return {
    requests: checked.filter(({ isGood }) => isGood).map(({ request }) => request),
    problems: checked.flatMap(({ problems }) => problems),
  };
}

function read(text: string, more: Partial<BulkContext> = {}, choices?: BulkChoices) {
  const result = readBulkRequests(text, { ...context, ...more }, choices);
  if ('problem' in result) throw new Error(JSON.stringify(result));
  return result;
}

test('reads requests from a list', () => {
  const text = [
    'Name;Type;Due;Assignees;Description',
    'Cue sheet; music CUES ;2026-12-01;"ADA@example.com, e\u0301te\u0301 sound;ada@example.com";"Two\nlines"',
    '',
    'Stems;;2026-12-01 18:30;"Castor, Pollux; Ltd"',
  ].join('\r\n');
  expect(read(text)).toEqual({
    problems: [],
    requests: [
      {
        line: 2,
        name: 'Cue sheet',
        typeId: cues,
        dueAt: Date.parse('2026-12-01T22:59Z'),
        assignees: [{ userId: ada }, { companyId: mixers }],
        description: 'Two\nlines',
      },
      {
        line: 5,
        name: 'Stems',
        typeId: null,
        dueAt: Date.parse('2026-12-01T17:30Z'),
        assignees: [{ companyId: twins }],
        description: '',
      },
    ],
  });
});

test.each([
  ['name,colour,due,size', 'unknown_columns', ['colour', 'size']],
  ['name,Name', 'column_twice', ['name']],
  ['type,due', 'missing_columns', ['name']],
  ['Cue sheet', 'unknown_columns', ['cue sheet']],
])('refuses the header %j, and names the known columns', (header, problem, columns) => {
  expect(readBulkRequests(`${header}\nx,y`, context)).toEqual({
    problem,
    columns,
    known: bulkRequestColumns,
  });
});

test.each(['', '\n\n', 'name\n"a'])('refuses %j as a list', (text) => {
  expect(readBulkRequests(text, context)).toHaveProperty('problem');
});

describe('a line', () => {
  const header = 'name,type,due,assignees,description';
  test.each<[string, BulkProblem, string | null, string]>([
    [',,2026-12-01', 'name_missing', 'name', ''],
    ['a\u0007b', 'name_invalid', 'name', 'a\u0007b'],
    ['a'.repeat(161), 'name_invalid', 'name', 'a'.repeat(161)],
    ['a,Music', 'type_unknown', 'type', 'Music'],
    ['a,,2026-02-30', 'date_impossible', 'due', '2026-02-30'],
    ['a,,2026-12-01 24:00', 'date_time_impossible', 'due', '2026-12-01 24:00'],
    ['a,,1960-01-01', 'date_out_of_range', 'due', '1960-01-01'],
    ['a,,20000', 'date_out_of_range', 'due', '20000'],
    ['a,,tomorrow', 'date_unknown', 'due', 'tomorrow'],
    ['a,,12/5/2026', 'date_ambiguous', 'due', '12/5/2026'],
    ['a,,5-Dec', 'date_incomplete', 'due', '5-Dec'],
    ['a,,########', 'date_too_narrow', 'due', '########'],
    ['a,,#VALUE!', 'formula_failed', 'due', '#VALUE!'],
    ['a,#¡REF!', 'formula_failed', 'type', '#¡REF!'],
    ['#N/A', 'formula_failed', 'name', '#N/A'],
    ['M\ufffdsica', 'text_damaged', 'name', 'M\ufffdsica'],
    ['a,,,,a\u0081b', 'text_damaged', 'description', 'a\u0081b'],
    ['a,,,Twin', 'assignee_ambiguous', 'assignees', 'Twin'],
    ['a,,,left@example.com', 'assignee_unknown', 'assignees', 'left@example.com'],
    ['a,,,"ada@example.com;Nobody Ltd"', 'assignee_unknown', 'assignees', 'Nobody Ltd'],
    [`a,,,,${'x'.repeat(4001)}`, 'description_invalid', 'description', 'x'.repeat(4001)],
    ['a,,,,b,c', 'cells_without_column', null, 'c'],
  ])('%.40j: %s', (line, problem, column, value) => {
    const { requests, problems } = read(`${header}\nfine\n${line}`);
    expect(problems).toEqual([{ line: 3, column, problem, severity: 'error', value }]);
    expect(requests.map(({ name }) => name)).toEqual(['fine']);
  });

  test.each<[string, BulkProblem, string]>([
    ['a,,2026-11-26', 'date_passed', '2026-11-26'],
    ['a,,2026-11-26 23:59', 'date_passed', '2026-11-26 23:59'],
    ['FINE', 'name_twice', 'FINE'],
    ['Old MIX', 'name_taken', 'Old MIX'],
  ])('%j gets a warning', (line, problem, value) => {
    const { requests, problems } = read(`${header}\nfine\n${line}`, { taken: new Set(['old mix']) });
    expect(problems).toMatchObject([{ line: 3, problem, severity: 'warning', value }]);
    expect(requests).toHaveLength(2);
  });

  test('that is due today gets no warning', () => {
    expect(read(`${header}\na,,2026-11-27\nb,,2026-11-27 00:00`).problems).toEqual([]);
  });

  test('is due by the local clock of its day, also on clock changes', () => {
    const [spring, hour, autumn] = read('name,due\na,2027-03-28\nb,2027-03-28 02:30\nc,2027-10-31').requests;
    expect(spring?.dueAt).toBe(Date.parse('2027-03-28T21:59Z'));
    expect(hour?.dueAt).toBe(Date.parse('2027-03-28T01:30Z'));
    expect(autumn?.dueAt).toBe(Date.parse('2027-10-31T22:59Z'));
  });

  test('reports all its problems at once', () => {
    const { problems } = read(`${header}\n,x,y,z,ok,more`);
    expect(problems.map(({ problem }) => problem)).toEqual([
      'cells_without_column',
      'name_missing',
      'type_unknown',
      'date_unknown',
      'assignee_unknown',
    ]);
  });
});

test('refuses more assignees than a request may have', () => {
  const people = Array.from({ length: 51 }, (_, n) => ({
    id: id('user', 100 + n),
    email: `p${n}@example.com`,
  }));
  const list = people.map(({ email }) => email).join(';');
  expect(readBulkRequests(`name,assignees\na,"${list}"`, { ...context, people })).toMatchObject({
    requests: [],
    problems: [{ problem: 'too_many_assignees', value: '51' }],
  });
});

test('checks each line of the longest list', () => {
  const lines = Array.from({ length: maxCsvLines }, (_, n) => `r${n},${n % 2 ? '2026-12-01' : 'never'}`);
  const { requests, problems } = read(['name,due', ...lines].join('\n'));
  expect([requests.length, problems.length]).toEqual([maxCsvLines / 2, maxCsvLines / 2]);
});

describe('lists as spreadsheets write them', () => {
  const names = (text: string, choices?: BulkChoices) =>
    read(text, {}, choices).requests.map(({ name, line }) => [line, name]);

  test.each<[string, string, [number, string][]]>([
    ['sep= first', 'sep=;\r\nname;due\r\nA, B;2026-12-01', [[3, 'A, B']]],
    ['sep= in quotes, with a comma behind', '"sep=,"\nname,due\nA,2026-12-01', [[3, 'A']]],
    [
      'trailing empty columns',
      'name;due;;\nA;2026-12-01;;\nB;;;',
      [
        [2, 'A'],
        [3, 'B'],
      ],
    ],
    ['a title and empty rows above', 'Deliveries, episode 3, reel 1;;\n;;\n\nname;due;\nA;;', [[5, 'A']]],
    [
      'the labels of the page',
      'Request;Type;Due;Assigned to\nA;Music cues;2026-12-01;Ada Lovelace',
      [[2, 'A']],
    ],
    ['in Spanish', 'Solicitud\tVence\tAsignada a\nA\t1 dic 2026\tada@example.com', [[2, 'A']]],
    ['others as people say it', '* Pedido:|FECHA LÍMITE|Notas\nA|1.12.2026|x', [[2, 'A']]],
    [
      'quoted newlines',
      'name,description\n"A","one\ntwo"\nB,',
      [
        [2, 'A'],
        [4, 'B'],
      ],
    ],
    [
      'only carriage returns',
      'name\rA\rB',
      [
        [2, 'A'],
        [3, 'B'],
      ],
    ],
    ['one column and a title', 'What we need\nname\nA', [[3, 'A']]],
    ['an apostrophe that makes text of it', "name,due\n'=A,'2026-12-01", [[2, '=A']]],
    [
      'a name that is a label',
      'name,type\nDue,\nType,',
      [
        [2, 'Due'],
        [3, 'Type'],
      ],
    ],
  ])('%s', (_kind, text, expected) => expect(names(text)).toEqual(expected));

  test('text in a column without a label is reported', () => {
    expect(read('name;;due\nA;late;2026-12-01').problems).toMatchObject([
      { line: 2, column: null, problem: 'cells_without_column', value: 'late' },
    ]);
  });

  test('unknown labels are reported, and can be assigned to columns', () => {
    const text = 'Title;When;Colour\nA;2026-12-01;red';
    expect(readBulkRequests(text, context)).toMatchObject({
      problem: 'unknown_columns',
      columns: ['title', 'when', 'colour'],
    });
    const columns = { title: 'name', when: 'due', colour: 'none' } as const;
    expect(read(text, {}, { columns })).toMatchObject({
      problems: [],
      requests: [{ name: 'A', dueAt: Date.parse('2026-12-01T22:59Z') }],
    });
  });

  test('the separator can be chosen', () => {
    expect(names('name,x;due\nA,B;', { separator: ';', columns: { 'name,x': 'name' } })).toEqual([
      [2, 'A,B'],
    ]);
  });

  test('an ambiguous date order is reported once, with examples of other dates', () => {
    const text = 'name,due\na,12/5/2026\nb,25/12/2026\nc,2026-12-01\nd,1/2/2027';
    const list = readBulkList(text);
    if ('problem' in list) throw new Error(list.problem);
    expect(dateOrderOf(list.lines)).toEqual({
      isNeeded: true,
      example: '12/5/2026',
      stated: [{ order: 'day_first', example: '25/12/2026' }],
    });
    expect(read(text).requests.map(({ name }) => name)).toEqual(['b', 'c']);
    const days = (dateOrder: 'day_first' | 'month_first') =>
      read(text, { timeZone: 'UTC', dateOrder }).requests.map(({ dueAt }) =>
        new Date(dueAt!).toISOString().slice(0, 10),
      );
    expect(days('day_first')).toEqual(['2026-05-12', '2026-12-25', '2026-12-01', '2027-02-01']);
    expect(days('month_first')).toEqual(['2026-12-05', '2026-12-25', '2026-12-01', '2027-01-02']);
  });

  test('a spreadsheet serial number is read as a date, with a note', () => {
    const { requests, problems } = read('name,due\na,46451\nb,46451.75');
    expect(requests.map(({ dueAt }) => dueAt)).toEqual([
      Date.parse('2027-03-05T22:59Z'),
      Date.parse('2027-03-05T17:00Z'),
    ]);
    expect(problems.map(({ problem, severity }) => [problem, severity])).toEqual([
      ['date_serial', 'note'],
      ['date_serial', 'note'],
    ]);
  });

  test('a time with an offset does not depend on the time zone of the reader', () => {
    expect(read('name,due\na,2027-03-05T17:00:30Z').requests[0]!.dueAt).toBe(
      Date.parse('2027-03-05T17:00:30Z'),
    );
  });

  test('a person is found by a name that nobody else has', () => {
    expect(read('name,assignees\na,ada lovelace; Été Sound').requests[0]!.assignees).toEqual([
      { userId: ada },
      { companyId: mixers },
    ]);
  });

  test('written cells are read back unchanged, with any title and separator, and never become formulas', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'ab=+-@\'",;|#\n\té '.split('')),
      minLength: 1,
      maxLength: 12,
    });
    const cell = text.map((each) => each.trim()).filter((each) => each !== '' && !each.startsWith("'"));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...csvSeparators),
        fc.boolean(),
        (lines, separator, hasTitle) => {
          const title = hasTitle ? [['What we need, and when; all of it', '']] : [];
          const written = writeCsv([...title, ['Request', 'Description'], ...lines], separator);
          expect(written).not.toMatch(/(?:^|[,;|\t\n])"[=+@-]/);
          const list = readBulkList(written);
          if ('problem' in list) throw new Error(list.problem);
          expect(list.lines.map(({ cells }) => [cells.name, cells.description])).toEqual(lines);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test.each([
  'Due date',
  ' ASSIGNED TO ',
  'Descripción',
  'descripcio\u0301n',
  'Asignado_a',
  'Nombre de la solicitud',
])('knows the label %j', (label) => expect(columnUse(label)).toBeDefined());
