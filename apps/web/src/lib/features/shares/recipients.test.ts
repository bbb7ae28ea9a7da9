import { maxRecipients } from '@turnover/domain/workspace/shares';
import { describe, expect, test } from 'vitest';
import { inParts, isAddress, mergeRecipients, parseRecipients } from './recipients.ts';

const good = (email: string, text = email) => ({ email, text });
const bad = (text: string) => ({ email: null, text });

describe('a list of addresses', () => {
  test.each([
    ['cora@bluedoor.example', [good('cora@bluedoor.example')]],
    ['Cora@BlueDoor.Example ', [good('cora@bluedoor.example')]],
    ['a@x.example, b@x.example;c@x.example', ['a', 'b', 'c'].map((name) => good(`${name}@x.example`))],
    ['a@x.example b@x.example\tc@x.example', ['a', 'b', 'c'].map((name) => good(`${name}@x.example`))],
    ['a@x.example\r\nb@x.example\n\n', ['a', 'b'].map((name) => good(`${name}@x.example`))],
    ['Cora Lindqvist <cora@x.example>', [good('cora@x.example', 'Cora Lindqvist')]],
    ['"Lindqvist, Cora" <cora@x.example>', [good('cora@x.example', 'Lindqvist, Cora')]],
    ['<cora@x.example>', [good('cora@x.example')]],
    [
      'Cora <c@x.example>, Tomás Ortega <t@x.example>; 小林 <k@x.example>',
      [good('c@x.example', 'Cora'), good('t@x.example', 'Tomás Ortega'), good('k@x.example', '小林')],
    ],
    ['A <a@x.example> B <b@x.example>', [good('a@x.example', 'A'), good('b@x.example', 'B')]],
    ['a@x.example <b@x.example>', [good('a@x.example'), good('b@x.example')]],
    ['<a@x.example> b@x.example', [good('a@x.example'), good('b@x.example')]],
    ['mailto:a@x.example', [good('a@x.example')]],
    ['(a@x.example).', [good('a@x.example')]],
    ["'a@x.example'", [good('a@x.example')]],
    ['Cora Lindqvist cora@x.example', [good('cora@x.example')]],
    ['o’neil@x.example', [bad('o’neil@x.example')]],
    ["o'neil+dub@x.example", [good("o'neil+dub@x.example")]],
  ])('reads %j', (text, recipients) => {
    expect(parseRecipients(text)).toEqual(recipients);
  });

  test.each([
    ['t.ortega@bluedoor', ['t.ortega@bluedoor']],
    ['Cora Lindqvist', ['Cora Lindqvist']],
    ['Cora, Tomás', ['Cora', 'Tomás']],
    ['@x.example', ['@x.example']],
    ['a@@x.example', ['a@@x.example']],
    ['a@x..example', ['a@x..example']],
    ['Cora <nobody>', ['nobody']],
    ['Cora <>', ['Cora']],
    ['Cora <cora@x', ['cora@x']],
    ['ünï@x.example', ['ünï@x.example']],
    ['a@пример.рф', ['a@пример.рф']],
    ['<script>alert(1)</script>', ['script', '/script']],
  ])('finds bad addresses in %j', (text, texts) => {
    expect(parseRecipients(text)).toEqual(texts.map(bad));
  });

  test.each(['', '  ', ',;,\n;', '<>', '""', '"', '<', '>>', '.'])('%j contains no recipient', (text) => {
    expect(parseRecipients(text)).toEqual([]);
  });

  test('keeps words behind the last address as one bad recipient', () => {
    expect(parseRecipients('a@x.example, nobody; b@x.example not an email')).toEqual([
      good('a@x.example'),
      bad('nobody'),
      good('b@x.example'),
      bad('not an email'),
    ]);
    expect(parseRecipients('Cora <c@x.example> and')).toEqual([good('c@x.example', 'Cora'), bad('and')]);
  });

  test('keeps good addresses beside bad ones', () => {
    expect(parseRecipients('a@x.example, nobody, "b@x.example')).toEqual([
      good('a@x.example'),
      bad('nobody'),
      good('b@x.example'),
    ]);
  });

  test('is parsed quickly at any length, and only up to a limit', () => {
    for (const text of [
      'a'.repeat(100_000),
      '<'.repeat(100_000),
      '"'.repeat(99_999),
      ' '.repeat(100_000),
      'a@x.example,'.repeat(9_000),
      'Name <a@x.example> '.repeat(5_000),
      `${'('.repeat(50_000)}a${')'.repeat(50_000)}`,
    ]) {
      const found = parseRecipients(text);
      expect(found.length).toBeLessThanOrEqual(1000);
      for (const each of found) expect(each.text.length).toBeLessThanOrEqual(254);
    }
  });
});

describe('a merged list', () => {
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => good(`p${from + index}@x.example`));

  test('holds each address once, ignoring case', () => {
    const { recipients, added } = mergeRecipients(
      parseRecipients('a@x.example, nobody'),
      parseRecipients('A@X.example, b@x.example, B@x.example, NOBODY, Anna <a@x.example>'),
    );
    expect(recipients.map(({ text }) => text)).toEqual(['a@x.example', 'nobody', 'b@x.example']);
    expect(added).toEqual([good('b@x.example')]);
  });

  test(`holds at most ${maxRecipients} and counts the rest`, () => {
    const { recipients, leftOut } = mergeRecipients(numbered(0, maxRecipients - 1), numbered(50, 120));
    expect(recipients).toHaveLength(maxRecipients);
    expect(recipients.at(-1)).toEqual(numbered(maxRecipients - 1, maxRecipients)[0]);
    expect(leftOut).toBe(120 - maxRecipients);
  });

  test('always has room for good addresses, however many bad ones there are', () => {
    const nobodies = Array.from({ length: 300 }, (_, index) => bad(`nobody ${index}`));
    const { added, leftOut } = mergeRecipients(nobodies.slice(0, 50), [...nobodies, ...numbered(0, 3)]);
    expect(added.filter(({ email }) => email !== null)).toEqual(numbered(0, 3));
    expect(added).toHaveLength(53);
    expect(leftOut).toBe(0);
  });
});

test('recognises a whole address', () => {
  expect(isAddress('cora@x.example')).toBe(true);
  for (const text of ['', 'cora', 'cora@', 'cora@x', 'a@x.example, b']) expect(isAddress(text)).toBe(false);
});

test('splits many addresses into parts without losing or repeating one', () => {
  const people = Array.from({ length: 100 }, (_, index) => `${'p'.repeat(index * 2)}${index}@x.example`);
  const parts = inParts(people);
  expect(parts.flat()).toEqual(people);
  for (const part of parts) expect(encodeURIComponent(JSON.stringify(part)).length).toBeLessThan(910);
  expect(inParts([])).toEqual([]);
  expect(inParts(['a'.repeat(2000)])).toHaveLength(1);
});
