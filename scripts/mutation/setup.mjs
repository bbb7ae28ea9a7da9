// Runs in each test file of `npm run mutate`: switches checks off, and records which checks the file reaches.
import { writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import fastCheck from 'fast-check';
import { afterAll, expect, inject } from 'vitest';

// One failure is enough; shrinking it takes minutes.
fastCheck.configureGlobal({ endOnFailure: true });

const { off, reachedFolder } = inject('checks');
/** @type {Set<string>} */
const reached = new Set();
/** @type {any} */
const scope = globalThis;

scope.__check = (/** @type {string} */ id) => {
  reached.add(id);
  return id !== off;
};

afterAll(() => {
  if (!reachedFolder) return;
  const file = expect.getState().testPath;
  writeFileSync(`${reachedFolder}/${randomUUID()}.json`, JSON.stringify({ file, reached: [...reached] }));
});
