/** The texts of the page about processing. */
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleOff from '@lucide/svelte/icons/circle-off';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { CapabilitiesView, QueueLane, StageCondition } from '@turnover/domain/server/capabilities';
import type { JobKind } from '@turnover/domain/server/jobs';
import * as m from '@turnover/messages/messages';
import { stageName } from '#lib/features/requests/stage-words.ts';
import type { Glyph, Tone } from '#lib/ui/text/icon.ts';

type StageRow = CapabilitiesView['stages'][number];

export const conditionLooks: Record<
  StageCondition,
  { tone: Tone; icon: Glyph; word: (stage: StageRow) => string }
> = {
  real: { tone: 'ok', icon: CircleCheck, word: m.capabilities_real },
  partly: {
    tone: 'warn',
    icon: TriangleAlert,
    word: ({ missing }) => m.capabilities_partly({ tools: missing.join(', ') }),
  },
  simulated: { tone: 'warn', icon: TriangleAlert, word: m.capabilities_simulated },
  absent: { tone: 'flat', icon: CircleOff, word: m.capabilities_absent },
};

export const laneWords: Record<QueueLane, () => string> = {
  short: m.capabilities_lane_short,
  long: m.capabilities_lane_long,
  mail: m.capabilities_lane_mail,
};

const jobWords: Record<JobKind, () => string> = {
  compareManifests: m.job_compare_manifests,
  makeLongPreviews: m.job_make_previews,
  makePreviews: m.job_make_previews,
  hashForManifests: m.job_hash_for_manifests,
  hashRound: m.job_hash_round,
  makeBackup: m.job_make_backup,
  processRound: m.job_process_round,
  removeFiles: m.job_remove_files,
  runFrames: m.job_run_frames,
  runStage: m.job_run_stage,
  runLongStage: m.job_run_stage,
  sendMails: m.job_send_mails,
  submitWhenComplete: m.job_submit_when_complete,
};

/** Returns the name of a stage; the chip beside it says whether it is real or simulated. */
export function nameOfStage({ stage, name }: Pick<StageRow, 'stage' | 'name'>): string {
  return stageName({ stage, mode: 'real', words: name && { name } });
}

export function nameOfJob(
  { kind, stage }: { kind: string; stage: string | null },
  stages: readonly StageRow[],
): string {
  if (stage === null) return jobWords[kind as JobKind]();
  return nameOfStage(stages.find((each) => each.stage === stage) ?? { stage, name: null });
}
