import { expect, test } from 'vitest';
import { completed, mentionedIn, offeredFor } from './mentions.ts';

const people = [
  { id: 'ana', name: 'Ana' },
  { id: 'ruiz', name: 'Ana Ruiz' },
  { id: 'zoe', name: 'Zoë Ström' },
];

test.each<[string, string[]]>([
  ['Hello', []],
  ['Thanks @Ana Ruiz!', ['ruiz']],
  ['@ana and @ANA RUIZ', ['ruiz', 'ana']],
  ['mail me at x@zoë ström', ['zoe']],
  ['@Nobody', []],
])('%s mentions %j', (text, ids) => {
  expect(mentionedIn(text, people)).toEqual(ids);
});

test.each<[string, string[]]>([
  ['see @', ['Ana', 'Ana Ruiz', 'Zoë Ström']],
  ['see @an', ['Ana', 'Ana Ruiz']],
  ['see @str', ['Zoë Ström']],
  ['see @ana ', []],
  ['mail@an', []],
])('behind %s are offered %j', (text, names) => {
  expect(offeredFor(text, people).map(({ name }) => name)).toEqual(names);
});

test('a choice completes what was begun', () => {
  expect(completed('Hello @an', people[1]!)).toBe('Hello @Ana Ruiz ');
});
