import { beforeEach, expect, test } from 'vitest';
import { editField, isEditedMeanwhile, Merging, type Edits } from './merging.svelte.ts';

type Stored = { name: string; due: number | null; people: string[] };

let form: Stored;
let edits: Edits<Stored>;
let merging: Merging<Stored>;
const opened: Stored = { name: 'Mix', due: null, people: ['a'] };

beforeEach(() => {
  form = structuredClone(opened);
  const field = <Key extends keyof Stored>(key: Key) =>
    editField({
      label: key,
      stored: (from: Stored) => from[key],
      mine: () => form[key],
      take: (value) => (form[key] = value),
      words: (value) => String(value),
    });
  edits = {
    shown: () => opened,
    latest: () => Promise.resolve(opened),
    fields: [field('name'), field('due'), field('people')],
  };
  merging = new Merging();
  merging.begin(opened);
});

function refusal(details: object) {
  return Object.assign(new Error('refused'), {
    data: { hub: { code: 'changed_meanwhile', details: { what: 'edited', ...details } } },
  });
}

test('a field that only the other person changed is taken into the form', () => {
  form.name = 'Mine';
  const latest = { ...opened, due: 5 };
  expect(merging.meet(edits, latest, refusal({ by: 'Dana' }))).toBe(true);
  expect(merging.differences).toEqual([
    { label: 'due', words: { mine: 'null', theirs: '5' }, isTaken: true, choice: 'theirs' },
  ]);
  expect(form).toEqual({ ...latest, name: 'Mine' });
  expect([merging.by, merging.isOwn, merging.isOpen]).toEqual(['Dana', false, false]);
  expect(merging.seen).toBe(latest);
});

test('a field that both changed waits for a choice, which can be changed again', () => {
  form.name = 'Mine';
  merging.meet(edits, { ...opened, name: 'Theirs' }, refusal({ by: null }));
  expect(merging.isOpen).toBe(true);
  merging.choose(0, 'theirs');
  expect([form.name, merging.isOpen]).toEqual(['Theirs', false]);
  merging.choose(0, 'mine');
  expect([form.name, merging.isOpen]).toEqual(['Mine', false]);
});

test('a field that is edited again in the form needs no choice', () => {
  form.name = 'Mine';
  merging.meet(edits, { ...opened, name: 'Theirs' }, refusal({ by: 'Dana' }));
  form.name = 'Mine and theirs';
  expect(merging.isOpen).toBe(false);
});

test('asks nothing when both changed a field in the same way, or the form does not have it', () => {
  form.due = 5;
  expect(merging.meet(edits, { ...opened, due: 5 }, refusal({ by: 'Dana' }))).toBe(false);
  expect(merging.differences).toEqual([]);
  expect(merging.meet(edits, { ...opened, due: 5 }, refusal({ by: 'Dana' }))).toBe(false);
});

test('compares a third edit with the state that the second one showed', () => {
  form.people = ['b'];
  merging.meet(edits, { ...opened, people: ['c'] }, refusal({ by: 'Dana' }));
  merging.choose(0, 'mine');
  merging.meet(edits, { ...opened, people: ['c'], name: 'New' }, refusal({ byYou: true }));
  expect(merging.differences.map(({ label }) => label)).toEqual(['name']);
  expect([merging.isOwn, form.people]).toEqual([true, ['b']]);
});

test('handles only the refusal of an old revision', () => {
  expect(isEditedMeanwhile(refusal({}))).toBe(true);
  expect(isEditedMeanwhile(refusal({ what: 'renamed' }))).toBe(false);
  expect(isEditedMeanwhile(new TypeError('no answer'))).toBe(false);
});
