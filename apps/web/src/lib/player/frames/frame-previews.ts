/** Asks the hub for previews, a batch at a time. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { reportOf } from '#lib/reported-error.ts';

/**
 * Asks for previews of all files. When the hub refuses a file, for example a deleted one, its state becomes `ended` without a
 * preview, and the other files of the batch go on. Throws other errors.
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
