/** Explains why a delivered file cannot be played. */
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import * as m from '@turnover/messages/messages';
import { stageReason } from '../stage-words.ts';

export function whyNothing({ stages }: Pick<DeliveredFileView, 'stages'>): string {
  const stage = stages.find((each) => each.stage === 'preview');
  if (stage === undefined) return stages.length === 0 ? m.player_not_processed() : m.stage_skip_no_preview();
  const isBeingMade = stage.status === 'waiting' || stage.status === 'running';
  return isBeingMade ? m.player_being_made() : (stageReason(stage) ?? m.player_nothing());
}
