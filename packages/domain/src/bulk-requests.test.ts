import { describe, expect, test } from 'vitest';
import {
  bulkRequestColumns,
  readBulkRequests,
  type BulkContext,
  type BulkProblem,
  type BulkRequests,
} from './bulk-requests.ts';
import { maxCsvLines } from './csv.ts';
import { makeId } from './ids.ts';

const id = (noun: 'user' | 'company' | 'requestType', n: number) => makeId(noun, n, new Uint8Array(10));
const ada = id('user', 1);
const mixers = id('company', 2);
const twins = id('company', 3);
const cues = id('requestType', 4);
const context: BulkContext = {
  timeZone: 'Europe/Berlin',
  now: Date.parse('2026-11-27T12:00Z'),
  types: [{ id: cues, name: 'Music cues' }],
  people: [{ id: ada, email: 'ada@example.com' }],
  companies: [
    { id: mixers, name: 'Été Sound' },
    { id: twins, name: 'Castor, Pollux; Ltd' },
  ],
};

function read(text: string): BulkRequests {
  const result = readBulkRequests(text, context);
  if ('problem' in result) throw new Error(JSON.stringify(result));
  return result;
}

test('a list becomes requests', () => {
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
  ['name,', 'unknown_columns', ['']],
])('the header %j is refused, with the columns there are', (header, problem, columns) => {
  expect(readBulkRequests(`${header}\nx,y`, context)).toEqual({
    problem,
    columns,
    known: bulkRequestColumns,
  });
});

test.each(['', '\n\n', 'name\n"a'])('%j is no list', (text) => {
  expect(readBulkRequests(text, context)).toHaveProperty('problem');
});

describe('a line', () => {
  const header = 'name,type,due,assignees,description';
  test.each<[string, BulkProblem, string | null, string]>([
    [',,2026-12-01', 'name_missing', 'name', ''],
    ['a\u0007b', 'name_invalid', 'name', 'a\u0007b'],
    ['a'.repeat(161), 'name_invalid', 'name', 'a'.repeat(161)],
    ['a,Music', 'type_unknown', 'type', 'Music'],
    ['a,,2026-02-30', 'date_invalid', 'due', '2026-02-30'],
    ['a,,01.12.2026', 'date_invalid', 'due', '01.12.2026'],
    ['a,,2026-12-01 24:00', 'date_invalid', 'due', '2026-12-01 24:00'],
    ['a,,1960-01-01', 'date_invalid', 'due', '1960-01-01'],
    ['a,,tomorrow', 'date_invalid', 'due', 'tomorrow'],
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
  ])('%j is possible, and probably not meant', (line, problem, value) => {
    const { requests, problems } = read(`${header}\nfine\n${line}`);
    expect(problems).toMatchObject([{ line: 3, problem, severity: 'warning', value }]);
    expect(requests).toHaveLength(2);
  });

  test('of today is not too late', () => {
    expect(read(`${header}\na,,2026-11-27\nb,,2026-11-27 00:00`).problems).toEqual([]);
  });

  test('is due by the clock of that day, also when it is changed', () => {
    const [spring, hour, autumn] = read('name,due\na,2027-03-28\nb,2027-03-28 02:30\nc,2027-10-31').requests;
    expect(spring?.dueAt).toBe(Date.parse('2027-03-28T21:59Z'));
    expect(hour?.dueAt).toBe(Date.parse('2027-03-28T01:30Z'));
    expect(autumn?.dueAt).toBe(Date.parse('2027-10-31T22:59Z'));
  });

  test('can have all its problems at once', () => {
    const { problems } = read(`${header}\n,x,y,z,ok,more`);
    expect(problems.map(({ problem }) => problem)).toEqual([
      'cells_without_column',
      'name_missing',
      'type_unknown',
      'date_invalid',
      'assignee_unknown',
    ]);
  });
});

test('assignees are not more than a request may have', () => {
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

test('the longest list has each of its lines judged', () => {
  const lines = Array.from({ length: maxCsvLines }, (_, n) => `r${n},${n % 2 ? '2026-12-01' : 'never'}`);
  const { requests, problems } = read(['name,due', ...lines].join('\n'));
  expect([requests.length, problems.length]).toEqual([maxCsvLines / 2, maxCsvLines / 2]);
});
