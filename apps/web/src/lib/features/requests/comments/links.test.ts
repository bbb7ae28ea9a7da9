import { expect, test } from 'vitest';
import { linkParts } from './links.ts';

const linksOf = (text: string) => linkParts(text).flatMap(({ href }) => href ?? []);

test.each([
  ['See https://example.com/a?b=1#c.', ['https://example.com/a?b=1#c']],
  ['(http://example.com/cut)', ['http://example.com/cut']],
  [
    'https://example.com/a_(b), https://example.com/c!',
    ['https://example.com/a_(b)', 'https://example.com/c'],
  ],
  ['“https://example.com/quoted”', ['https://example.com/quoted']],
  ['javascript:alert(1) ftp://example.com xhttps://example.com', []],
  ['https:// and http://', []],
])('%s', (text, links) => {
  expect(linksOf(text)).toEqual(links);
  expect(
    linkParts(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});
