import { expect, test } from 'vitest';
import { z } from 'zod';
import { listedRequestInput } from '@turnover/domain/requests/requests';
import { bodyLimitOf, largestBodyBytes, smallBodyBytes } from './body-limits.ts';
import { largestJsonBytes, unboundedParts } from './input-bounds.ts';
import { appRouter } from './root.ts';

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { inputs: z.ZodType[] } }>,
);

/** Lists whose lines are checked separately with these schemas, so that an invalid line refuses only itself. */
const checkedLater: Record<string, { part: string; by: z.ZodType }> = {
  'requests.createMany': { part: 'requests.*.{}', by: listedRequestInput },
};

test.each(procedures)('every list and text in the input of %s has a bound', (name, { _def }) => {
  const later = checkedLater[name];
  const open = _def.inputs.flatMap(unboundedParts).filter((part) => part !== later?.part);
  expect([...open, ...(later ? unboundedParts(later.by) : [])]).toEqual([]);
});

test('finds unbounded parts at any depth', () => {
  const bounded = z.string().max(5);
  const schemas: [z.ZodType, string[]][] = [
    [z.string(), ['the whole input']],
    [z.object({ a: z.string().nullish(), b: bounded, c: z.number(), d: z.enum(['x']) }), ['a']],
    [z.object({ list: z.array(z.object({ name: z.string() })).max(3) }), ['list.*.name']],
    [z.object({ list: z.array(bounded) }), ['list']],
    [z.union([z.object({ a: bounded }), z.object({ b: z.array(z.number()) })]), ['b']],
    [z.record(z.string().max(3), bounded), ['{}']],
    [z.record(z.enum(['a', 'b']), bounded), []],
    [z.object({ x: z.unknown() }), ['x']],
    [z.string().max(9).transform(Number).pipe(z.number()), []],
    [z.string().trim().max(9).refine(Boolean), []],
  ];
  for (const [schema, parts] of schemas) expect(unboundedParts(schema)).toEqual(parts);
});

test('refuses a list that is too long and names the maximum', () => {
  const { error } = z.object({ ids: z.array(z.string().max(3)).max(2) }).safeParse({ ids: ['a', 'b', 'c'] });
  expect(error?.issues[0]?.message).toContain('2');
});

test('no accepted input is longer than its computed limit', () => {
  const schema = z.object({
    name: z.string().max(4),
    ids: z.array(z.string().max(2)).max(3),
    place: z.union([z.object({ x: z.number() }), z.object({ long: z.string().max(9) })]),
  });
  const longest = {
    name: '\u0001\u0001\u0001\u0001',
    ids: ['\u0001\u0001', 'bb', 'cc'],
    place: { long: '\u0001'.repeat(9) },
  };
  expect(JSON.stringify(longest).length).toBeLessThanOrEqual(largestJsonBytes(schema));
  expect(largestJsonBytes(z.object({ open: z.string() }))).toBe(Infinity);
});

test('allows a body as long as its procedures need, between the small and the largest limit', () => {
  expect(bodyLimitOf('requests.get')).toBe(smallBodyBytes);
  expect(bodyLimitOf('requests.accept,requests.get')).toBe(2 * smallBodyBytes);
  expect(bodyLimitOf('requests.create')).toBeGreaterThan(smallBodyBytes);
  expect(bodyLimitOf('requests.preFlight')).toBe(largestBodyBytes);
  for (const name of ['', 'no.such', '__proto__', 'toString']) expect(bodyLimitOf(name)).toBe(smallBodyBytes);
  expect(bodyLimitOf(procedures.map(([name]) => name).join())).toBe(largestBodyBytes);
});
