/** Decides whether the player requests the preview of a frame, because processing makes no previews of frames. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';

type Known = { hasSource: boolean; asked: PreviewRunView['status'] | undefined };

export function isMissingFrame(
  { state, name }: Pick<DeliveredFileView, 'state' | 'name'>,
  { hasSource, asked }: Known,
): boolean {
  return state === 'stored' && parseFrameName(name) !== null && !hasSource && asked !== 'ended';
}
