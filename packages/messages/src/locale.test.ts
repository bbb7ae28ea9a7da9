import { describe, expect, test } from 'vitest';
import { chooseLocale, getLocale } from './locale.ts';
import * as m from './messages.ts';
import { withLocale } from './server-locale.ts';

describe('chooseLocale', () => {
  test('prefers the cookie to the setting, and the setting to the browser', () => {
    expect(chooseLocale({ cookie: 'es-419', setting: 'en', acceptLanguage: 'en' })).toBe('es-419');
    expect(chooseLocale({ cookie: 'xx', setting: 'es-419', acceptLanguage: 'en' })).toBe('es-419');
    expect(chooseLocale({ setting: null, acceptLanguage: 'es-MX,es;q=0.9,en;q=0.8' })).toBe('es-419');
  });

  test.each([
    ['fr-FR, es;q=0.5, en;q=0.4', 'es-419'],
    ['en;q=0.3, es;q=0.7', 'es-419'],
    ['es;q=0, en;q=0.1', 'en'],
    ['fr, de', 'en'],
    ['', 'en'],
    [';;,,q=', 'en'],
  ])('a browser that asks for %j gets %s', (acceptLanguage, locale) => {
    expect(chooseLocale({ acceptLanguage })).toBe(locale);
  });
});

test('concurrent requests keep their own languages', async () => {
  const read = async (locale: 'en' | 'es-419') =>
    withLocale(locale, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return [getLocale(), m.action_undo()];
    });
  expect(await Promise.all([read('en'), read('es-419'), read('en')])).toEqual([
    ['en', 'Undo'],
    ['es-419', 'Deshacer'],
    ['en', 'Undo'],
  ]);
});

test('chooses the plural form by the count', () => {
  expect(m.count_files({ count: 1 })).toBe('1 file');
  expect(m.count_files({ count: 2 }, { locale: 'es-419' })).toBe('2 archivos');
  expect(m.count_files({ count: 1_000_000 }, { locale: 'es-419' })).toBe('1,000,000 archivos');
});
