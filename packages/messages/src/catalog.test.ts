// Both languages have the same messages with the same placeholders.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locales } from './locale.ts';

type Variants = { declarations?: string[]; match?: Record<string, string> };
type Catalog = Record<string, string | Variants[]>;

const catalogs = locales.map((locale) => {
  const file = join(import.meta.dirname, '../messages', `${locale}.json`);
  const { $schema: _schema, ...catalog } = JSON.parse(readFileSync(file, 'utf8')) as Catalog;
  return { locale, catalog };
});
const [english, ...others] = catalogs as [(typeof catalogs)[number], ...typeof catalogs];

test.each(others)('$locale has the keys of English', ({ catalog }) => {
  expect(Object.keys(catalog).sort()).toEqual(Object.keys(english.catalog).sort());
});

test.each(others)('$locale has the same placeholders as English', ({ catalog }) => {
  for (const key of Object.keys(english.catalog)) {
    expect({ key, gaps: gapsOf(catalog[key]) }).toEqual({ key, gaps: gapsOf(english.catalog[key]) });
  }
});

test.each(catalogs)('$locale has no empty texts and no stray spaces', ({ catalog }) => {
  const untidy = Object.entries(catalog).filter(([, message]) =>
    textsOf(message).some((text) => text === '' || text !== text.trim() || text.includes('  ')),
  );
  expect(untidy).toEqual([]);
});

test('every text is used somewhere', () => {
  const used = new Set(sources().flatMap((source) => source.match(/[a-z][a-z0-9]*(?:_[a-z0-9]+)+/g) ?? []));
  // Codes complete the names of these keys at run time.
  const isComposed = (key: string) => key.startsWith('reason_');
  expect(Object.keys(english.catalog).filter((key) => !used.has(key) && !isComposed(key))).toEqual([]);
});

/** Returns the source code of all packages and apps, without the compiled messages. */
function sources(): string[] {
  const root = join(import.meta.dirname, '../../..');
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((name) => {
      const folder = join(root, group, name, 'src');
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|svelte)$/.test(file) && !file.includes('paraglide'))
        .map((file) => readFileSync(join(folder, file), 'utf8'));
    }),
  );
}

test('keys are snake_case and sorted', () => {
  for (const { catalog } of catalogs) {
    const keys = Object.keys(catalog);
    expect(keys.filter((key) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(key))).toEqual([]);
    expect(keys).toEqual([...keys].sort());
  }
});

function textsOf(message: string | Variants[] | undefined): string[] {
  if (typeof message === 'string') return [message];
  return (message ?? []).flatMap(({ match }) => Object.values(match ?? {}));
}

/**
 * Returns the placeholders of a message. Includes inputs of variants even where one variant (such as “one file”) does
 * not show the number.
 */
function gapsOf(message: string | Variants[] | undefined): string[] {
  const inputs = Array.isArray(message)
    ? message.flatMap(({ declarations = [] }) => declarations.filter((line) => line.startsWith('input ')))
    : [];
  const written = textsOf(message).flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!),
  );
  return [...new Set([...inputs.map((line) => line.slice('input '.length)), ...written])].sort();
}
