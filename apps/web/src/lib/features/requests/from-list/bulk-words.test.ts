import { columnUse } from '@turnover/domain/requests/list-columns';
import { bulkProblemSeverities, type BulkProblem } from '@turnover/domain/requests/from-list';
import { withLocale } from '@turnover/messages/server-locale';
import { describe, expect, test } from 'vitest';
import { columnWords, wordsForLine, wordsForList } from './bulk-words.ts';

describe.each(['en', 'es-419'] as const)('describes problems in %s', (locale) => {
  test.each(Object.entries(columnWords))('reads a list with the label of the column %s', (column, words) => {
    expect(columnUse(withLocale(locale, words))).toBe(column);
  });

  test('each refusal names the value of the cell', () => {
    const line = { line: 2, column: null, severity: 'error' as const, value: 'XYZ' };
    const aboutTheCell = Object.keys(bulkProblemSeverities).filter(
      (each) => !['name_missing', 'too_many_assignees', 'description_invalid'].includes(each),
    );
    for (const problem of aboutTheCell) {
      const words = withLocale(locale, () => wordsForLine({ ...line, problem: problem as BulkProblem }));
      expect(words).toContain('XYZ');
    }
  });
});

test('quotes an unknown column as written, and names a missing one as on the page', () => {
  const known = ['name'] as const;
  expect(wordsForList({ problem: 'unknown_columns', columns: ['who'], known })).toContain('who');
  expect(wordsForList({ problem: 'missing_columns', columns: ['name'], known })).toContain('Request');
});
