import { expect, test } from 'vitest';
import { inSlices } from './in-slices.ts';

test('combines the answers of several calls', async () => {
  const ids = Array.from({ length: 1201 }, (_, index) => `req_${index}`);
  const sizes: number[] = [];
  const answer = await inSlices(ids, async (some) => {
    sizes.push(some.length);
    const [first = '', ...done] = some;
    const refusal = { code: 'status_forbids' as const, details: {} };
    return {
      done,
      refused: [{ requestId: first, name: first, refusal }],
      before: done.map((requestId) => ({ requestId, dueAt: null })),
    };
  });
  expect(sizes).toEqual([500, 500, 201]);
  expect(answer.done).toHaveLength(1198);
  expect(answer.refused.map(({ requestId }) => requestId)).toEqual(['req_0', 'req_500', 'req_1000']);
  expect(answer.before).toHaveLength(1198);
});
