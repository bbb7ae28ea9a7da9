import { describe, expect, test } from 'vitest';
import { atOnce } from './manifest.ts';
import { readXml } from './xml.ts';

function read(source: string) {
  const opened: [name: string, attributes: Record<string, string>, line: number][] = [];
  const end = atOnce(
    readXml(source, {
      open: (name, attributes, line) => opened.push([name, Object.fromEntries(attributes), line]),
      text: () => undefined,
      close: () => undefined,
    }),
  );
  return { end, opened };
}

test('reads attributes in both quotes, with and without spaces, and leaves out names without a value', () => {
  expect(read(`<a one = "1"two='2' three x:four="&lt;4" 'five' six=6 seven="a=b"/>`)).toEqual({
    end: 'complete',
    opened: [['a', { one: '1', two: '2', four: '<4', seven: 'a=b' }, 1]],
  });
});

test('counts lines in texts, comments and tags', () => {
  const { opened } = read('<?a\n?>\n<a>\n<!--\n\n--><b\n/>\r\n<c/></a>');
  expect(opened.map(([name, , line]) => `${name} ${line}`)).toEqual(['a 3', 'b 6', 'c 8']);
});

/** Documents that take minutes or hours when the rest of the document is searched for each of their parts. They fail by the time limit of a test. */
describe('reads each character a few times only:', () => {
  test.each([
    ['half a million tags in one line', `<a>${'<b/>'.repeat(2 ** 19)}</a>`, 2 ** 19 + 1],
    ['a long name without a value', `<a>${`<b ${'x'.repeat(60_000)}/>`.repeat(60)}</a>`, 61],
    ['many names without a value', `<a>${`<b ${'x '.repeat(30_000)}/>`.repeat(60)}</a>`, 61],
    ['spaces behind a name', `<a>${`<b x${' '.repeat(60_000)}/>`.repeat(60)}</a>`, 61],
  ])('%s', (_, source, elements) => {
    const { end, opened } = read(source);
    expect(end).toBe('complete');
    expect(opened).toHaveLength(elements);
  });
});
