/** Texts that say why a stage failed or made nothing of a file, including previews that no request asked for. */
import type { StageFailure, StageSkipReason } from '@turnover/domain/media/stages';
import * as m from '@turnover/messages/messages';

export const stageFailureWords: Record<StageFailure, () => string> = {
  stored_bytes_differ: m.stage_failure_stored_bytes_differ,
  declared_checksum_differs: m.stage_failure_declared_checksum_differs,
  bytes_missing: m.stage_failure_bytes_missing,
  took_too_long: m.stage_failure_took_too_long,
  crashed: m.stage_failure_crashed,
  cancelled: m.stage_failure_cancelled,
};

export const stageSkipWords: Record<StageSkipReason, () => string> = {
  empty_file: m.stage_skip_empty_file,
  not_installed: m.stage_skip_not_installed,
  not_inspected: m.stage_skip_not_inspected,
  not_measured: m.stage_skip_not_measured,
  no_preview: m.stage_skip_no_preview,
  needs_ffmpeg: m.stage_skip_needs_ffmpeg,
  preview_too_slow: m.stage_skip_preview_too_slow,
  measuring_needs_ffmpeg: m.stage_skip_measuring_needs_ffmpeg,
  measuring_too_slow: m.stage_skip_measuring_too_slow,
  not_decoded: m.stage_skip_not_decoded,
  no_space: m.stage_skip_no_space,
  no_memory: m.stage_skip_no_memory,
  by_person: m.stage_skip_by_person,
};

/** Says why there is no preview. The error text of a program is shown as it is. */
export function previewReason(reason: string): string {
  const words = new Map(Object.entries({ ...stageFailureWords, ...stageSkipWords })).get(reason);
  return words?.() ?? m.player_not_made({ reason });
}
