import { expect, test } from 'vitest';
import { mailBackOffMs, nextDailyMailAt } from './notifications.ts';

test('daily mails go out at seven in the morning, never at once', () => {
  const seven = Date.UTC(2026, 1, 28, 7);
  expect(nextDailyMailAt(seven - 1)).toBe(seven);
  expect(nextDailyMailAt(seven)).toBe(Date.UTC(2026, 2, 1, 7));
  expect(nextDailyMailAt(seven + 1)).toBe(Date.UTC(2026, 2, 1, 7));
});

test('retries of a mail spread under a maximum that doubles up to an hour', () => {
  expect(mailBackOffMs(1, 0.999)).toBe(29_970);
  expect(mailBackOffMs(2, 0.5)).toBe(30_000);
  expect(mailBackOffMs(1, 0)).toBe(0);
  for (const attempts of [8, 70, 5000]) expect(mailBackOffMs(attempts, 0.5)).toBe(1800_000);
});
