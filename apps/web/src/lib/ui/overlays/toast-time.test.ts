import { expect, test } from 'vitest';
import { shownMs } from './toast-time.ts';

const action = { label: 'Undo', run: () => undefined };

test('a toast stays long enough to be read, an error or one with an action for longer', () => {
  expect(shownMs({ text: 'Saved', tone: 'ok' })).toBe(5_000);
  expect(shownMs({ text: 'Saved', tone: 'ok', action })).toBe(10_000);
  expect(shownMs({ text: 'No.', tone: 'bad' })).toBe(10_000);
  expect(shownMs({ text: 'x'.repeat(300), tone: 'ok' })).toBe(18_000);
});
