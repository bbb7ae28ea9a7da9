import fc from 'fast-check';
import { mentionToken } from '@turnover/domain/requests/mentions';
import { makeId } from '@turnover/domain/ids';
import { describe, expect, test } from 'vitest';
import {
  begunAt,
  draftOf,
  edited,
  emptyDraft,
  markBefore,
  offeredFor,
  picked,
  storedText,
  type Draft,
} from './mention-draft.ts';

const person = (n: number, name: string) => ({ id: makeId('user', n, new Uint8Array(10)), name });
const [ana, ruiz, zoe] = [person(1, 'Ana'), person(2, 'Ana Ruiz'), person(3, 'Zoë Ström')] as const;
const people = [ana, ruiz, zoe];
const typed = (text: string): Draft => edited(emptyDraft, text, text.length);

test.each<[string, string[] | null]>([
  ['see @', ['Ana', 'Ana Ruiz', 'Zoë Ström']],
  ['see @an', ['Ana', 'Ana Ruiz']],
  ['see @ANA R', ['Ana Ruiz']],
  ['see @str', ['Zoë Ström']],
  ['see @zoe', ['Zoë Ström']],
  ['(@an', ['Ana', 'Ana Ruiz']],
  ['> @an', ['Ana', 'Ana Ruiz']],
  ['see @ana ', null],
  ['@\n', null],
  ['mail@an', null],
  ['mail ben@ana', null],
  [`@${'x'.repeat(60)}`, null],
])('%j suggests %j', (text, names) => {
  const begun = begunAt(typed(text), text.length);
  expect(begun && offeredFor(begun.query, people).map(({ name }) => name)).toEqual(names);
});

test('picking a person replaces the typed text, also in the middle, and stores their id', () => {
  const text = 'Hello @an, look';
  const draft = typed(text);
  const { draft: done, caret } = picked(draft, begunAt(draft, 9)!, ruiz);
  expect([done.text, caret]).toEqual(['Hello @Ana Ruiz, look', 15]);
  expect(storedText(done)).toBe(`Hello ${mentionToken(ruiz.id)}, look`);
  expect(begunAt(done, 12)).toBeNull();
});

test('typing a name mentions nobody', () => {
  for (const text of ['@Ana', 'ben@ana.example', '@anabel', '@Katherine Snow', '> @Ana Ruiz'])
    expect(storedText(typed(text))).toBe(text);
});

test('an edited mention becomes plain text, and mentions after the edit move', () => {
  const stored = `${mentionToken(ana.id)} and ${mentionToken(zoe.id)}`;
  const draft = draftOf(stored, people);
  expect(draft.text).toBe('@Ana and @Zoë Ström');
  const before = edited(draft, 'So, @Ana and @Zoë Ström', 4);
  expect(storedText(before)).toBe(`So, ${stored}`);
  expect(storedText(edited(draft, '@Ana and @Zoë Strm', 17))).toBe(`${mentionToken(ana.id)} and @Zoë Strm`);
  expect(storedText(edited(draft, '@Anabel and @Zoë Ström', 7))).toBe(
    `${mentionToken(ana.id)}bel and ${mentionToken(zoe.id)}`,
  );
  expect(storedText(edited(draft, '@Ana, and @Zoë Ström', 5))).toBe(
    `${mentionToken(ana.id)}, and ${mentionToken(zoe.id)}`,
  );
  expect(storedText(edited(draft, '', 0))).toBe('');
  expect(markBefore(draft, 4)?.id).toBe(ana.id);
  expect(markBefore(draft, 3)).toBeUndefined();
});

test('a stored comment is edited with its mentions', () => {
  expect(storedText(draftOf('Thanks @Ana Ruiz!', [ruiz]))).toBe(`Thanks ${mentionToken(ruiz.id)}!`);
});

describe('after any typing, pasting, cutting and picking', () => {
  const step = fc.record({
    from: fc.nat(30),
    length: fc.nat(4),
    text: fc.constantFrom('', 'x', '@', '@an', ' ', '@Ana', 'Ruiz', '\n'),
    pick: fc.option(fc.constantFrom(...people)),
  });

  test("a mark is always an @ with the person's name, and storing the text keeps it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let draft = emptyDraft;
        for (const { from, length, text, pick } of steps) {
          const start = Math.min(from, draft.text.length);
          const untouched = draft.marks.filter(
            ({ start: mark, end }) => end < start || mark >= start + length,
          );
          const next = draft.text.slice(0, start) + text + draft.text.slice(start + length);
          draft = edited(draft, next, start + text.length);
          expect(draft.marks.length).toBeGreaterThanOrEqual(untouched.length);
          const begun = begunAt(draft, start + text.length);
          if (pick && begun) draft = picked(draft, begun, pick).draft;
          for (const { start: at, end, name } of draft.marks)
            expect(draft.text.slice(at, end)).toBe(`@${name}`);
        }
        expect(draftOf(storedText(draft), people).text).toBe(draft.text);
      }),
      { numRuns: 300 },
    );
  });
});
