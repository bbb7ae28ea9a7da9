import { errorCodes } from '@turnover/domain/errors';
import { withLocale } from '@turnover/messages/server-locale';
import { expect, test } from 'vitest';
import { wordsFor, wordsForCaught } from './errors.ts';

test('every code has words of its own in both languages', () => {
  for (const locale of ['en', 'es-419'] as const) {
    const texts = withLocale(locale, () =>
      errorCodes.map((code) => wordsFor({ code, details: { id: 'f1' } })),
    );
    expect(new Set(texts).size).toBe(errorCodes.length);
  }
});

test('a bug is named by its id', () => {
  expect(wordsFor({ code: 'internal', details: { id: 'f1' } })).toContain('f1');
});

test('what the API reports is told', () => {
  const error = Object.assign(new Error('No.'), { data: { hub: { code: 'name_taken' } } });
  expect(wordsForCaught(error)).toBe(wordsFor({ code: 'name_taken' }));
});

test('no answer is told as such', () => {
  const error = new Error('fetch failed', { cause: new TypeError('fetch failed') });
  expect(wordsForCaught(error)).toContain('connection');
});

test('a code from elsewhere is not believed', () => {
  const error = Object.assign(new Error('No.'), { data: { hub: { code: 'toString' } } });
  expect(wordsForCaught(error)).toBe('Something went wrong');
});
