import { expect, test } from 'vitest';
import { nextPath, signInPath } from './sign-in-path.ts';

test('keeps the path to return to', () => {
  const wanted = new URL('http://nas:3000/p/prj_1/deliveries?status=open&search=a%26b');
  const path = signInPath(wanted);
  expect(nextPath(new URL(path, wanted).searchParams.get('next'))).toBe(wanted.pathname + wanted.search);
});

test('the start page needs no return path', () => {
  expect(signInPath(new URL('http://nas:3000/'))).toBe('/sign-in');
});

test.each([
  null,
  '',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/a/..//evil.example',
  'javascript:alert(1)',
])('%j leads to the start page', (next) => {
  expect(nextPath(next)).toBe('/');
});
