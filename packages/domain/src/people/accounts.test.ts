import { expect, test } from 'vitest';
import { emailOf, emailSchema } from './accounts.ts';

const good = [
  'ana@example.com',
  ' Ana@Example.COM ',
  "o'neil+dailies@post.example.co",
  'a@b.cd',
  `${'a'.repeat(240)}@example.com`,
];
const bad = [
  '',
  'ana',
  'ana@',
  '@example.com',
  'ana@example',
  'a na@example.com',
  '.ana@example.com',
  'a..b@example.com',
];
const long = `${'a'.repeat(250)}@example.com`;

test.each(good)('%s is an address', (text) => {
  expect(emailOf(text)).toBe(text.trim().toLowerCase());
  expect(emailSchema.parse(text)).toBe(emailOf(text));
});

test.each([...bad, long])('%s is no address', (text) => {
  expect(emailOf(text)).toBeNull();
  expect(emailSchema.safeParse(text).success).toBe(false);
});
