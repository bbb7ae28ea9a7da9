import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCommentInput } from './comments.ts';
import { makeId } from '../ids.ts';
import { mentionedIds, mentionToken, textParts, withNames, writtenLength } from './mentions.ts';

const person = (n: number, name: string) => ({ id: makeId('user', n, new Uint8Array(10)), name });
const [ana, ruiz, katherine] = [person(1, 'Ana'), person(2, 'Ana Ruiz'), person(3, 'Katherine')] as const;
const people = [ana, ruiz, katherine];

test.each([
  'mail ben@ana.example',
  '@anabel',
  '@Katherine Snow',
  '> @Ana wrote',
  '@Ana',
  'Ana',
  '<@ana>',
  '<@usr_ana>',
  `<@${makeId('request', 1, new Uint8Array(10))}>`,
])('%j mentions nobody', (text) => {
  expect(mentionedIds(text)).toEqual([]);
  expect(textParts(text, [])).toEqual([{ text }]);
  expect(withNames(text, people)).toBe(text);
});

test('a token mentions its person once, and is shown with the current name of the person', () => {
  const text = `${mentionToken(ruiz.id)}: see ${mentionToken(ana.id)}'s and ${mentionToken(ruiz.id)}`;
  expect(mentionedIds(text)).toEqual([ruiz.id, ana.id]);
  expect(withNames(text, people)).toBe("@Ana Ruiz: see @Ana's and @Ana Ruiz");
  expect(textParts(text, [ana, { ...ruiz, name: 'Ana García' }])).toEqual([
    { mention: { ...ruiz, name: 'Ana García' } },
    { text: ': see ' },
    { mention: ana },
    { text: "'s and " },
    { mention: { ...ruiz, name: 'Ana García' } },
  ]);
});

test('finds the mentions of older comments by name', () => {
  expect(textParts('Thanks @Ana Ruiz, and @Ana! ben@Ana, @Anabel', [ana, ruiz])).toEqual([
    { text: 'Thanks ' },
    { mention: ruiz },
    { text: ', and ' },
    { mention: ana },
    { text: '! ben@Ana, @Anabel' },
  ]);
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom('@', '<', '>', 'Ana', ' ', 'Ruiz', '\n', 'x') }),
    fc.constantFrom(...people).map(({ id }) => mentionToken(id)),
  );

  test('stays complete when it is split into parts', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const written = textParts(text, people)
          .map((part) => ('mention' in part ? `@${part.mention.name}` : part.text))
          .join('');
        expect(written).toBe(withNames(text, people));
        expect(writtenLength(text)).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

test('a mention counts as one character of a comment', () => {
  const requestId = makeId('request', 1, new Uint8Array(10));
  const fits = (text: string) => createCommentInput.safeParse({ requestId, text }).success;
  expect(fits('x'.repeat(4000))).toBe(true);
  expect(fits('x'.repeat(4001))).toBe(false);
  expect(fits('x'.repeat(3999) + mentionToken(ana.id))).toBe(true);
  expect(fits('x'.repeat(4000) + mentionToken(ana.id))).toBe(false);
  expect(fits(Array.from({ length: 51 }, (_, n) => mentionToken(person(n + 1, '').id)).join(''))).toBe(false);
});
