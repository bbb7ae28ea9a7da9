import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

test('a spent budget makes everybody wait until enough is given back', async () => {
  const budget = new ByteBudget(10);
  budget.take(9);
  await budget.room();
  budget.take(4);
  const passed: string[] = [];
  const waiting = ['one', 'other'].map((name) => budget.room().then(() => passed.push(name)));
  budget.give(3);
  await Promise.resolve();
  expect([passed, budget.isSpent]).toEqual([[], true]);
  budget.give(1);
  await Promise.all(waiting);
  expect([passed, budget.isSpent]).toEqual([['one', 'other'], false]);
});
