import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxCsvLines, readCsv, type CsvProblem } from './csv.ts';

const cellsOf = (text: string) => {
  const read = readCsv(text);
  return 'problem' in read ? read : read.records.map(({ cells }) => cells);
};
const linesOf = (text: string) => {
  const read = readCsv(text);
  return 'problem' in read ? read : read.records.map(({ line }) => line);
};

describe('a list', () => {
  test.each<[string, string[][]]>([
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      '\uFEFFa;b\n1,5;2',
      [
        ['a', 'b'],
        ['1,5', '2'],
      ],
    ],
    [
      'a\tb\n1,2;3\t4',
      [
        ['a', 'b'],
        ['1,2;3', '4'],
      ],
    ],
    [
      '"a,b,c";d\n1;2',
      [
        ['a,b,c', 'd'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n"x, ""y""","z\r\n2"',
      [
        ['a', 'b'],
        ['x, "y"', 'z\r\n2'],
      ],
    ],
    ['a,b\n"",', [['a', 'b']]],
    [
      'a,b\n,1',
      [
        ['a', 'b'],
        ['', '1'],
      ],
    ],
    [
      'a,b\n5" reel,it""s',
      [
        ['a', 'b'],
        ['5" reel', 'it""s'],
      ],
    ],
    ['a,b\n1', [['a', 'b'], ['1']]],
    ['name', [['name']]],
    ['\n\n  \n a , b \n', [[' a ', ' b ']]],
  ])('%j has the cells %j', (text, cells) => {
    expect(cellsOf(text)).toEqual(cells);
  });

  test('knows the line of each record', () => {
    expect(linesOf('a,b\n\n"1\n1\r\n1",2\r\n , \n3,4\r5,6')).toEqual([1, 3, 7, 8]);
  });

  test.each<[string, CsvProblem]>([
    ['', { problem: 'empty', line: 1 }],
    ['\uFEFF', { problem: 'empty', line: 1 }],
    ['\n,,\n "" \n'.replace(' "" ', '""'), { problem: 'empty', line: 1 }],
    ['a\n\n"b', { problem: 'quote_not_closed', line: 3 }],
    ['a\n"x\ny"z', { problem: 'after_quote', line: 3 }],
    [`a${'\nb'.repeat(maxCsvLines + 1)}`, { problem: 'too_many_lines', line: maxCsvLines + 2 }],
    ['a'.repeat(20_000_001), { problem: 'too_long', line: 1 }],
  ])('%.20j cannot be read', (text, problem) => {
    expect(readCsv(text)).toEqual(problem);
  });

  test('may have as many lines as allowed, and no more', () => {
    expect(linesOf(`a${'\nb'.repeat(maxCsvLines)}\n\n`)).toHaveLength(maxCsvLines + 1);
  });

  test('returns what was written, whatever it contains', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\t', '\r', '\n', 'é', ' ') });
    const record = fc.tuple(cell, cell, cell);
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom('\n', '\r\n', '\r'), (records, end) => {
        const quoted = records.map((cells) =>
          cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(','),
        );
        const full = records.filter((cells) => cells.some((each) => each.trim() !== ''));
        expect(cellsOf(['x,y,z', ...quoted].join(end))).toEqual([['x', 'y', 'z'], ...full]);
      }),
    );
  });
});
