/** Asks the hub for previews, a batch at a time. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { reportOf } from '#lib/errors.ts';

/**
 * One file that the hub refuses, as when it was deleted meanwhile, stops no other of its batch: it counts as ended
 * without a preview. Throws without an answer.
 */
export async function makePreviews(
  make: (fileIds: string[]) => Promise<PreviewRunView[]>,
  fileIds: readonly string[],
): Promise<PreviewRunView[]> {
  try {
    return await make([...fileIds]);
  } catch (error) {
    if (reportOf(error)?.code !== 'not_found') throw error;
    const [id, ...others] = fileIds;
    if (id === undefined) return [];
    if (others.length === 0)
      return [{ id, previews: [], status: 'ended', reason: 'bytes_missing', report: null }];
    const half = Math.ceil(fileIds.length / 2);
    return [
      ...(await makePreviews(make, fileIds.slice(0, half))),
      ...(await makePreviews(make, fileIds.slice(half))),
    ];
  }
}
