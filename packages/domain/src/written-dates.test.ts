import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWrittenDate, type DateOrder, type DateProblem } from './written-dates.ts';

const read = (text: string, order?: DateOrder) => {
  const date = readWrittenDate(text, order ?? null);
  if ('problem' in date) return date.problem;
  return date.at === null
    ? [date.day, ...(date.time === null ? [] : [date.time])].join(' ')
    : new Date(date.at).toISOString();
};

test.each<[string, string]>([
  ['2027-03-05', '2027-03-05'],
  ['2027/3/5', '2027-03-05'],
  ['20270305', '2027-03-05'],
  ['05.03.2027', '2027-03-05'],
  ['5. 3. 2027', '2027-03-05'],
  ['5.3.27', '2027-03-05'],
  ['2027-03-05 18:00', '2027-03-05 18:00:00'],
  ['2027-03-05 18:00:00', '2027-03-05 18:00:00'],
  ['2027-03-05 9:00', '2027-03-05 09:00:00'],
  ['2027-03-05T17:00:00Z', '2027-03-05T17:00:00.000Z'],
  ['2027-03-05T17:00:00.123Z', '2027-03-05T17:00:00.000Z'],
  ['2027-03-05T17:00:00+02:00', '2027-03-05T15:00:00.000Z'],
  ['2027-03-05 17:00 -0330', '2027-03-05T20:30:00.000Z'],
  ['2027-03-05 17:00 UTC', '2027-03-05T17:00:00.000Z'],
  ['05.03.2027 18:30', '2027-03-05 18:30:00'],
  ['25/12/2026 18:30', '2026-12-25 18:30:00'],
  ['12/25/2026', '2026-12-25'],
  ['12/25/26 6:05 PM', '2026-12-25 18:05:00'],
  ['12/25/26 12:00 a. m.', '2026-12-25 00:00:00'],
  ['5/5/2026', '2026-05-05'],
  ['5-Mar-27', '2027-03-05'],
  ['5 Mar 2027', '2027-03-05'],
  ['5 mar. 2027', '2027-03-05'],
  ['5th March 2027', '2027-03-05'],
  ['March 5, 2027', '2027-03-05'],
  ['Mar 5 2027 18:00', '2027-03-05 18:00:00'],
  ['5 de marzo de 2027', '2027-03-05'],
  ['5 de marzo del 2027, 18:00 h', '2027-03-05 18:00:00'],
  ['1º de setiembre de 2027', '2027-09-01'],
  ['5-ene-27', '2027-01-05'],
  ['05/DIC/2027', '2027-12-05'],
  ['2027-Mar-05', '2027-03-05'],
  ['Fri 5 Mar 2027', '2027-03-05'],
  ['viernes, 5 de marzo de 2027', '2027-03-05'],
  ['miércoles 3 de marzo de 2027', '2027-03-03'],
  ['mar 2 mar 2027', '2027-03-02'],
  ["'2027-03-05", '2027-03-05'],
  ['5\u00a0Mar\u202f2027', '2027-03-05'],
  ['２０２７-03-05', '2027-03-05'],
  ['46000', '2025-12-09'],
  ['46451', '2027-03-05'],
  ['46451.75', '2027-03-05 18:00:00'],
  ['46451,5', '2027-03-05 12:00:00'],
])('%s is %s', (text, expected) => expect(read(text)).toBe(expected));

test.each<[string, DateProblem]>([
  ['12/5/2026', 'ambiguous'],
  ['05-03-2027', 'ambiguous'],
  ['5/3/27 18:00', 'ambiguous'],
  ['2026-02-30', 'impossible'],
  ['31/04/2027', 'impossible'],
  ['02/30/2027', 'impossible'],
  ['13/13/2027', 'impossible'],
  ['12.25.2026', 'impossible'],
  ['30 de febrero de 2027', 'impossible'],
  ['2027-13-01', 'impossible'],
  ['2027-03-05 24:00', 'time_impossible'],
  ['2027-03-05 13:00 pm', 'time_impossible'],
  ['2027-03-05T17:00+19:00', 'time_impossible'],
  ['5-Mar', 'incomplete'],
  ['Mar-27', 'incomplete'],
  ['5 de marzo', 'incomplete'],
  ['5/3', 'incomplete'],
  ['2027-03', 'incomplete'],
  ['########', 'too_narrow'],
  ['##', 'too_narrow'],
  ['tomorrow', 'unknown'],
  ['2027', 'unknown'],
  ['5 Foo 2027', 'unknown'],
  ['4.6E+04', 'unknown'],
  ['', 'unknown'],
  ['-', 'unknown'],
  ['18:00', 'unknown'],
  ['460000', 'unknown'],
])('%s is refused: %s', (text, problem) => expect(read(text)).toBe(problem));

test('reads day or month first as chosen, and learns the order from numbers that fit only one', () => {
  expect([read('12/5/2026', 'day_first'), read('12/5/2026', 'month_first')]).toEqual([
    '2026-05-12',
    '2026-12-05',
  ]);
  expect(read('25/12/2026', 'month_first')).toBe('2026-12-25');
  expect(readWrittenDate('25/12/2026')).toMatchObject({ order: 'day_first' });
  expect(readWrittenDate('12/25/2026')).toMatchObject({ order: 'month_first' });
  expect(readWrittenDate('2026-12-05')).toMatchObject({ order: null });
});

describe('any day', () => {
  const day = fc
    .integer({ min: 0, max: 47_481 })
    .map((days) => new Date(Date.UTC(1970, 0, 1) + days * 86_400_000));
  const iso = (date: Date) => date.toISOString().slice(0, 10);

  test('is read in every form that spreadsheets write', () => {
    const zone = { timeZone: 'UTC' } as const;
    const forms: ((date: Date) => string)[] = [
      iso,
      (date) => date.toISOString(),
      ...(['en-US', 'en-GB', 'es-419', 'es-MX', 'es-ES'] as const).flatMap((locale) =>
        (['long', 'medium', 'full'] as const).map(
          (dateStyle) => (date: Date) => new Intl.DateTimeFormat(locale, { dateStyle, ...zone }).format(date),
        ),
      ),
      (date) => new Intl.DateTimeFormat('de', { dateStyle: 'medium', ...zone }).format(date),
      (date) => String(Math.round(date.getTime() / 86_400_000) + 25_569),
    ];
    fc.assert(
      fc.property(day, fc.constantFrom(...forms), (date, form) => {
        const text = form(date);
        const result = readWrittenDate(text, null);
        expect([text, 'problem' in result ? result : result.day]).toEqual([text, iso(date)]);
      }),
      { numRuns: 500 },
    );
  });

  test('in numbers with slashes needs a chosen order and is never guessed', () => {
    fc.assert(
      fc.property(day, fc.constantFrom('/', '-'), (date, mark) => {
        const [year, month, of] = iso(date).split('-') as [string, string, string];
        const [british, american] = [[of, month, year].join(mark), [month, of, year].join(mark)];
        expect([read(british, 'day_first'), read(american, 'month_first')]).toEqual([iso(date), iso(date)]);
        if (Number(of) > 12 || of === month)
          expect([read(british), read(american)]).toEqual([iso(date), iso(date)]);
        else expect([read(british), read(american)]).toEqual(['ambiguous', 'ambiguous']);
      }),
      { numRuns: 300 },
    );
  });

  test('never throws on any text', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'0123456789/-.: tzmarde,'.split(''), '\u00a0') });
    fc.assert(
      fc.property(noise, (text) => {
        const result = readWrittenDate(text, 'day_first');
        if ('day' in result) expect(result.day).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
      { numRuns: 1000 },
    );
  });
});
