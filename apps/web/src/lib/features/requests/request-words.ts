/** Texts, icons and tones of requests, their files and their history. */
import Check from '@lucide/svelte/icons/check';
import Activity from '@lucide/svelte/icons/activity';
import Ban from '@lucide/svelte/icons/ban';
import CheckCheck from '@lucide/svelte/icons/check-check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Clock from '@lucide/svelte/icons/clock';
import Send from '@lucide/svelte/icons/send';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Undo from '@lucide/svelte/icons/undo-2';
import type { DueBucket } from '@turnover/domain/requests/due-buckets';
import { findingAnswers, type FindingAnswer } from '@turnover/domain/requests/findings';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import type { StageText } from '@turnover/domain/media/stage-words';
import type { StageFailure, StageName, StageSkipReason, StageView } from '@turnover/domain/media/stages';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import type { Glyph, Tone } from '#lib/ui/text/icon.ts';
import { formatNumber, formatPercent, formatTime } from '#lib/format.ts';

type StatusLook = { word: () => string; icon: Glyph; tone: Tone };

export const statusLooks: Record<RequestStatus, StatusLook> = {
  open: { word: m.request_status_open, icon: Clock, tone: 'flat' },
  submitted: { word: m.request_status_submitted, icon: Send, tone: 'info' },
  processing: { word: m.request_status_processing, icon: Activity, tone: 'info' },
  processed: { word: m.request_status_processed, icon: Check, tone: 'ok' },
  redelivery: { word: m.request_status_redelivery, icon: Undo, tone: 'warn' },
  accepted: { word: m.request_status_accepted, icon: CheckCheck, tone: 'ok' },
  cancelled: { word: m.request_status_cancelled, icon: Ban, tone: 'flat' },
};

export const bucketLooks: Record<DueBucket, StatusLook> = {
  critical: { word: m.bucket_critical, icon: CircleAlert, tone: 'bad' },
  at_risk: { word: m.bucket_at_risk, icon: TriangleAlert, tone: 'warn' },
  on_track: { word: m.bucket_on_track, icon: CircleCheck, tone: 'ok' },
};

export const answerWords: Record<FindingAnswer, () => string> = {
  fixed: m.finding_answer_fixed,
  creative_intent: m.finding_answer_creative_intent,
  best_possible: m.finding_answer_best_possible,
};

export function isFindingAnswer(value: unknown): value is FindingAnswer {
  return (findingAnswers as readonly unknown[]).includes(value);
}

const stageWords: Record<StageName, () => string> = { checksum: m.stage_checksum, encode: m.stage_encode };

/** Marks a simulated stage in its name. */
export function stageName({ stage, mode, words }: Pick<StageView, 'stage' | 'mode' | 'words'>): string {
  const name = words ? textOf(words.name) : wordOf(stageWords, stage);
  return mode === 'simulated' ? m.stage_name_simulated({ name }) : name;
}

const stageFailureWords: Record<StageFailure, () => string> = {
  stored_bytes_differ: m.stage_failure_stored_bytes_differ,
  declared_checksum_differs: m.stage_failure_declared_checksum_differs,
  bytes_missing: m.stage_failure_bytes_missing,
  took_too_long: m.stage_failure_took_too_long,
  crashed: m.stage_failure_crashed,
};

const stageSkipWords: Record<StageSkipReason, () => string> = {
  empty_file: m.stage_skip_empty_file,
  not_installed: m.stage_skip_not_installed,
};

/** Why the stage failed or was skipped; null when it did neither. */
export function stageReason({ failure, skipReason, words }: StageView): string | null {
  const code = failure ?? skipReason;
  if (code === null) return null;
  return words?.outcome ? textOf(words.outcome) : wordOf({ ...stageFailureWords, ...stageSkipWords }, code);
}

/** What a stage from outside has found in the file. Our own stages have facts for programs only. */
export function stageFacts({ words, facts, skipReason }: StageView): { label: string; value: string }[] {
  if (words === null || skipReason !== null) return [];
  return Object.entries(facts).map(([key, value]) => ({
    label: words.facts[key] ? textOf(words.facts[key]) : key,
    value: factValue(value),
  }));
}

function factValue(value: StageView['facts'][string]): string {
  if (typeof value === 'boolean') return value ? m.stage_fact_yes() : m.stage_fact_no();
  return typeof value === 'number' ? formatNumber(value, { maximumFractionDigits: 6 }) : value;
}

function textOf(text: StageText): string {
  return text[getLocale()] ?? text.en;
}

/** The code itself where there are no words, such as those of a stage from outside that no worker has stated. */
function wordOf(words: Record<string, () => string>, code: string): string {
  return Object.hasOwn(words, code) ? words[code]!() : code;
}

/** The progress of a stage at `now`: reported, or computed from the plan of a simulation. */
export function stageProgress(stage: StageView, now: number, reported: number | undefined): number {
  if (stage.status === 'done') return 1;
  if (stage.status === 'skipped') return 0;
  if (stage.mode === 'simulated' && stage.startAt !== null && stage.endAt !== null) {
    return Math.min(1, Math.max(0, (now - stage.startAt) / Math.max(1, stage.endAt - stage.startAt)));
  }
  return Math.max(stage.progress, reported ?? 0);
}

/** The processing of a file in a few words; `withEnd` adds the expected end. */
export function describeStages(
  stages: readonly StageView[],
  now: number,
  progressOf: (stage: StageView) => number,
  withEnd: boolean,
): string {
  const failed = stages.find(({ status }) => status === 'failed');
  if (failed) return m.stage_status_failed({ name: stageName(failed) });
  const current = stages.find(({ status }) => status === 'running' || status === 'waiting');
  if (!current) {
    const skipped = stages.find(({ status }) => status === 'skipped');
    if (skipped) return m.stage_status_skipped({ name: stageName(skipped) });
    return stages.length > 0 ? m.stage_status_done() : '';
  }
  const name = stageName(current);
  if (current.place !== null && current.place > 0)
    return m.stage_status_queued({ name, place: current.place });
  const progress = progressOf(current);
  if (current.status === 'waiting' && progress === 0) return m.stage_status_waiting({ name });
  const percent = formatPercent(progress);
  return current.endAt === null || !withEnd
    ? m.stage_status_running({ name, percent })
    : m.stage_status_ends({ name, percent, time: formatTime(current.endAt) });
}
