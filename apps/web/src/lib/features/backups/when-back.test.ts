import { expect, test } from 'vitest';
import { whenBack } from './when-back.ts';

/** Returns how often the hub was asked, when it answers like this and then always. */
async function asked(...answers: boolean[]): Promise<number> {
  let times = 0;
  await whenBack(
    async () => answers[times++] ?? true,
    async () => undefined,
  );
  return times;
}

test('waits until the hub has stopped and answers again', async () => {
  expect(await asked(true, true, false, false, true)).toBe(5);
  expect(await asked(false, true)).toBe(2);
});

test('returns after a while when the restart was not noticed', async () => {
  expect(await asked()).toBe(21);
});
