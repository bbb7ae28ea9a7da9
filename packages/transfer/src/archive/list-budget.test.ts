import { describe, expect, test } from 'vitest';
import type { FileList } from '@turnover/core/archives/archived-files';
import { maxArchivedFiles } from '@turnover/domain/archives/archives';
import { HubError } from '@turnover/domain/errors';
import { ListBudget, smallList } from './list-budget.ts';

/** Reads a list of this many files, as `listArchived` does. */
const listOf = (files: number) => async (most: number) => {
  if (files > most) throw new HubError('too_large', 'Too many files.');
  return { name: 'reel', tag: 'tag', files: Array(files) } as FileList;
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('ListBudget', () => {
  test('leaves half of the memory to others, and always has room for small lists', async () => {
    const budget = new ListBudget();
    const first = await budget.take('pat', listOf(maxArchivedFiles));
    await expect(budget.take('pat', listOf(smallList + 1))).rejects.toEqual(code('unavailable'));
    const second = await budget.take('cora', listOf(maxArchivedFiles));
    await expect(budget.take('tomas', listOf(smallList + 1))).rejects.toEqual(code('unavailable'));
    for (const person of ['pat', 'cora', 'tomas']) await budget.take(person, listOf(smallList));
    first.release();
    await expect(budget.take('cora', listOf(smallList + 1))).rejects.toEqual(code('unavailable'));
    await budget.take('pat', listOf(maxArchivedFiles));
    second.release();
    await budget.take('tomas', listOf(maxArchivedFiles));
  });

  test('reports that an archive has too many files', async () => {
    const budget = new ListBudget();
    await expect(budget.take('pat', listOf(maxArchivedFiles + 1))).rejects.toEqual(code('too_large'));
  });

  test('reads one list at a time, even after one has failed', async () => {
    const budget = new ListBudget();
    const running = Promise.withResolvers<void>();
    const events: string[] = [];
    const first = budget.take('pat', async () => {
      events.push('first');
      await running.promise;
      events.push('failed');
      throw new HubError('unavailable', 'gone');
    });
    const second = budget.take('pat', (most) => (events.push('second'), listOf(1)(most)));
    running.resolve();
    await expect(first).rejects.toThrow('gone');
    await second;
    expect(events).toEqual(['first', 'failed', 'second']);
  });
});
