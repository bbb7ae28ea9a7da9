import { expect, test } from 'vitest';
import { compileNamePattern, exampleName } from './name-patterns.ts';

test.each([
  ['', 'empty', 0],
  ['x'.repeat(501), 'too_long', 500],
  ['a{b', 'unclosed_part', 1],
  ['a[b', 'unclosed_group', 3],
  ['a]b', 'unopened', 1],
  ['a}b', 'unopened', 1],
  ['[[[a]]]', 'too_deep', 2],
  ['{1:digits}', 'bad_part_name', 0],
  ['{a:digits}{a:digits}', 'repeated_part_name', 10],
  ['{a:(a+)+$}', 'unknown_kind', 0],
  ['{a:digits(5-2)}', 'bad_length', 0],
  ['{a:digits(999)}', 'bad_length', 0],
  ['{a:A||B}', 'empty_choice', 0],
  ['[]'.repeat(100), 'too_many_parts', 161],
])('refuses %s: %s', (text, problem, position) => {
  expect(compileNamePattern(text)).toEqual({ problem, position });
});

test('an example contains usual values for well-known parts where the pattern allows them', () => {
  const exampleOf = (text: string) => {
    const compiled = compileNamePattern(text);
    return 'pattern' in compiled ? exampleName(compiled.pattern) : null;
  };
  expect(exampleOf('{rate:digits(2-3)}k_{bits:digits(2)}b_{language:letters(2-5)}.wav')).toBe(
    '48k_24b_EN.wav',
  );
  // Optional text that may be anything says nothing.
  expect(exampleOf('[{before:any}]PKL[{after:any}][_{language:letters(2-5)}].xml')).toBe('PKL_EN.xml');
  // The pattern demands a rate of three digits, and a language of digits only.
  expect(exampleOf('{rate:digits(3)}_{language:digits(2)}')).toBe('101_10');
});
