import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shownMs } from './toast-time.ts';
import { toaster } from './toaster.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const { id } of toaster.toasts) toaster.dismiss(id);
  vi.useRealTimers();
});

const saved = { text: 'Saved', tone: 'ok' } as const;
const undoable = { text: 'Deleted', tone: 'flat', action: { label: 'Undo', run: () => undefined } } as const;
const longEnoughMs = shownMs(saved);

test('a toast disappears after its time', () => {
  toaster.show(saved);
  vi.advanceTimersByTime(longEnoughMs - 1);
  expect(toaster.toasts).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(toaster.toasts).toHaveLength(0);
});

test('a toast with an action stays while a dialog is open, and for its whole time after it', () => {
  toaster.show(undoable);
  toaster.hold('dialog report');
  toaster.show({ ...undoable, text: 'Moved' });
  toaster.show(saved);
  vi.advanceTimersByTime(10 * longEnoughMs);
  expect(toaster.toasts.map(({ text }) => text)).toEqual(['Deleted', 'Moved']);
  toaster.release('dialog report');
  vi.advanceTimersByTime(shownMs(undoable) - 1);
  expect(toaster.toasts).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(toaster.toasts).toHaveLength(0);
});

test('toasts stay until every reason to hold them has ended', () => {
  toaster.show(undoable);
  toaster.hold('pointer');
  toaster.hold('dialog report');
  toaster.release('pointer');
  vi.advanceTimersByTime(10 * longEnoughMs);
  expect(toaster.toasts).toHaveLength(1);
  toaster.release('dialog report');
  vi.advanceTimersByTime(shownMs(undoable));
  expect(toaster.toasts).toHaveLength(0);
});

test('the pointer on a toast holds every toast', () => {
  toaster.show(saved);
  toaster.hold('pointer');
  toaster.show(undoable);
  vi.advanceTimersByTime(10 * longEnoughMs);
  expect(toaster.toasts).toHaveLength(2);
  toaster.release('pointer');
});

test('a focused toast that is dismissed does not hold the next one', () => {
  const id = toaster.show(saved);
  toaster.hold('focus');
  toaster.dismiss(id);
  toaster.show(saved);
  vi.advanceTimersByTime(longEnoughMs);
  expect(toaster.toasts).toHaveLength(0);
});

test('an error with an action stays until somebody dismisses it', () => {
  const id = toaster.show({ text: 'No.', tone: 'bad', action: { label: 'Retry', run: () => undefined } });
  vi.advanceTimersByTime(100 * longEnoughMs);
  expect(toaster.toasts.map((toast) => toast.id)).toEqual([id]);
});
