import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

test('a hash is argon2id at the promised cost, and differs each time for the same password', async () => {
  const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, 'correct horse')).toBe(true);
  expect(await verifyPassword(one, 'wrong horse')).toBe(false);
});

test('no password matches when there is no hash', async () => {
  expect(await verifyPassword(null, '')).toBe(false);
  expect(await verifyPassword(null, 'anything')).toBe(false);
});

test('many checks at once are all answered, in order', async () => {
  const stored = await hashPassword('correct horse');
  const guesses = Array.from({ length: 12 }, (_, index) =>
    index % 3 === 0 ? 'correct horse' : `wrong ${index}`,
  );
  const verdicts = await Promise.all(guesses.map((guess) => verifyPassword(stored, guess)));
  expect(verdicts).toEqual(guesses.map((guess) => guess === 'correct horse'));
});

test('refuses further checks when too many wait, and recovers', async () => {
  // Cheaper than the hashes of the hub: how many checks wait does not depend on their cost.
  const cheap = await hash('correct horse', { memoryCost: 1024, timeCost: 1, parallelism: 1 });
  const flood = Array.from({ length: 230 }, () => verifyPassword(cheap, 'wrong'));
  const outcomes = await Promise.allSettled(flood);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(28);
  expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } });
  expect(await verifyPassword(cheap, 'correct horse')).toBe(true);
});
