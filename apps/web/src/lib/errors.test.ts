import { errorCodes, type ErrorDetails } from '@turnover/domain/errors';
import { goodVerdicts, recipientVerdicts } from '@turnover/domain/workspace/shares';
import { withLocale } from '@turnover/messages/server-locale';
import { expect, test } from 'vitest';
import { wordsFor } from './error-words.ts';
import { loadErrorWords, wordsForCaught } from './errors.ts';

test('every code has a text of its own in both languages', () => {
  for (const locale of ['en', 'es-419'] as const) {
    const texts = withLocale(locale, () =>
      errorCodes.map((code) => wordsFor({ code, details: { id: 'f1' } })),
    );
    expect(new Set(texts).size).toBe(errorCodes.length);
  }
});

test('names a bug by its id', () => {
  expect(wordsFor({ code: 'internal', details: { id: 'f1' } })).toContain('f1');
});

test.each([
  ['renamed', 'Cora renamed it to “cut.mov”'],
  ['moved', 'Cora moved “cut.mov”'],
  ['deleted', 'Cora deleted “cut.mov”'],
])('says who %s it', (what, text) => {
  const details = { what, by: 'Cora', name: 'cut.mov' };
  expect(wordsFor({ code: 'changed_meanwhile', details })).toContain(text);
  expect(wordsFor({ code: 'changed_meanwhile', details: { ...details, by: null } })).toContain('Someone');
});

test.each(recipientVerdicts)(
  'names the address of a recipient who is %s only when the recipient is refused',
  (verdict) => {
    const text = wordsFor({ code: 'recipient_refused', details: { email: 'a@x.example', verdict } });
    expect(text.includes('a@x.example')).toBe(!goodVerdicts.includes(verdict));
  },
);

test('says why an end is refused', () => {
  const until = new Date(2026, 11, 1).getTime();
  const all: ErrorDetails[] = [
    { why: 'past' },
    { why: 'beyond', until },
    { why: 'beyond', until: null },
    { why: null },
    { why: 'earlier', until },
  ];
  const texts = all.map((details) => wordsFor({ code: 'expiry_refused', details }));
  expect(texts[0]).toContain('already begun');
  expect(texts[1]).toContain('1 Dec');
  expect(texts[2]).toBe(texts[3]);
  expect(texts[4]).toContain('kept until 1 Dec');
});

test('describes an error of the API, in detail once its texts are loaded', async () => {
  const error = Object.assign(new Error('No.'), { data: { hub: { code: 'name_taken' } } });
  expect(wordsForCaught(error)).toBe('Something went wrong');
  await loadErrorWords();
  expect(wordsForCaught(error)).toBe(wordsFor({ code: 'name_taken' }));
});

test('describes a missing answer', () => {
  const error = new Error('fetch failed', { cause: new TypeError('fetch failed') });
  expect(wordsForCaught(error)).toContain('connection');
});

test('ignores an unknown code', () => {
  const error = Object.assign(new Error('No.'), { data: { hub: { code: 'toString' } } });
  expect(wordsForCaught(error)).toBe('Something went wrong');
});

test.each([
  ['disk', {}, 'this needs 1 kB, and slightly less is free'],
  ['person', { reservedBytes: 1000, limitBytes: 1001 }, 'fill your limit of 1 kB'],
  ['project', { reservedBytes: 1000, limitBytes: 1000 }, 'fill its limit of 1 kB'],
  ['person', { reservedBytes: 1000, limitBytes: 2000 }, 'reserve 1 kB of at most 2 kB'],
  ['heldByProject', { limitBytes: 9000 }, 'in this project: it needs 1 kB, and slightly less is left'],
  [
    'heldByWorkspace',
    { limitBytes: 9000, isOwn: true },
    'in your Workspace: it needs 1 kB, and slightly less',
  ],
  ['heldByWorkspace', { isOwn: false }, 'in this Workspace: it needs 1 kB, and slightly less is left. Ask'],
])('never shows two sizes that look equal when space is missing: %s %o', (limitedBy, caps, words) => {
  const details = { limitedBy, neededBytes: 1001, availableBytes: 1000, ...caps };
  expect(wordsFor({ code: 'no_space', details })).toContain(words);
});
