import { expect, test } from 'vitest';
import { withPureConstants } from './unused-constants-plugin.ts';

test('marks the value of each constant at the top level as free of side effects', () => {
  expect(withPureConstants('export const a = z.string(), b = list(1);\nconst c = { d: z.number() };')).toBe(
    'export const a = /* @__PURE__ */ (() => (z.string()))(), b = /* @__PURE__ */ (() => (list(1)))();\n' +
      'const c = /* @__PURE__ */ (() => ({ d: z.number() }))();',
  );
});

test('leaves everything else unchanged', () => {
  const code = `import { z } from 'zod';
let changed = start();
const text = 'z.string()', twice = (n) => z.number(n), same = text;
export function schema() { const inside = z.string(); return inside; }
changed = again();`;
  expect(withPureConstants(code)).toBe(code);
});

test('keeps values that mean the same with and without their name', () => {
  const code = withPureConstants(
    "const size = 2 * 3; export const area = (side) => side * size; const same = 'a';",
  );
  expect(new Function(`${code.replaceAll('export ', '')} return [size, area(2), same];`)()).toEqual([
    6,
    12,
    'a',
  ]);
});
