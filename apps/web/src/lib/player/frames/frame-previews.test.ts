import { expect, test, vi } from 'vitest';
import { makePreviews } from './frame-previews.ts';

const view = (id: string) => ({ id, previews: [], status: 'waiting' as const, reason: null, report: null });
const refusal = (code: string) => Object.assign(new Error('Refused.'), { data: { hub: { code } } });

test('returns previews of the other files when the hub refuses one', async () => {
  const ids = Array.from({ length: 24 }, (_, at) => `dlf_${at}`);
  const make = vi.fn(async (asked: string[]) => {
    if (asked.includes('dlf_5')) throw refusal('not_found');
    return asked.map(view);
  });
  const views = await makePreviews(make, ids);
  expect(views.map(({ id }) => id)).toEqual(ids);
  expect(views.filter(({ status }) => status === 'ended').map(({ id, reason }) => [id, reason])).toEqual([
    ['dlf_5', 'bytes_missing'],
  ]);
  expect(make.mock.calls.length).toBeLessThan(12);
});

test('throws every other error, without asking again', async () => {
  for (const error of [new TypeError('Failed to fetch'), refusal('rate_limited'), refusal('internal')]) {
    const make = vi.fn().mockRejectedValue(error);
    await expect(makePreviews(make, ['dlf_1', 'dlf_2'])).rejects.toBe(error);
    expect(make).toHaveBeenCalledTimes(1);
  }
});
