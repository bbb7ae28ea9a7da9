/** The texts about the stages of a file: their names, progress, reasons and facts. */
import { holds } from '@turnover/domain/media/stage-control';
import type { StageRunWords } from '@turnover/domain/media/stage-words';
import type { StageSkipReason, StageView } from '@turnover/domain/media/stages';
import * as m from '@turnover/messages/messages';
import { formatNumber, formatPercent, formatTime } from '#lib/format.ts';
import { nameOfStage, textOf, wordOf } from '#lib/stage-names.ts';
import { stageFailureWords, stageSkipWords } from '#lib/stage-reason-words.ts';

/** Returns the name of a stage, with a mark for a simulated one. */
export function stageName({
  stage,
  mode,
  words,
}: Pick<StageView, 'stage' | 'mode'> & { words: Pick<StageRunWords, 'name'> | null }): string {
  const name = nameOfStage(stage, words?.name);
  return mode === 'simulated' ? m.stage_name_simulated({ name }) : name;
}

/** Skip reasons that are normal for the file, so that a list does not mention them. */
const quietSkips: readonly (string | null)[] = [
  'not_inspected',
  'not_measured',
  'no_preview',
  'needs_ffmpeg',
  'measuring_needs_ffmpeg',
] satisfies StageSkipReason[];

/** Returns why the stage failed, was skipped or made only some previews; null when none of these happened. */
export function stageReason({
  stage,
  facts,
  failure,
  skipReason,
  skipNote,
  words,
}: StageView): string | null {
  const missing = stage === 'preview' && typeof facts.missing === 'string' ? facts.missing : null;
  const code = failure ?? skipReason ?? missing;
  if (code === null) return null;
  if (skipNote !== null) return m.stage_skip_by_person_note({ note: skipNote });
  return words?.outcome ? textOf(words.outcome) : wordOf({ ...stageFailureWords, ...stageSkipWords }, code);
}

export function stageFailureText(failure: string): string {
  return wordOf(stageFailureWords, failure);
}

/** Returns the measurements and results of an external stage. The facts of built-in stages are only for programs. */
export function stageFacts({
  stage,
  words,
  facts,
  skipReason,
}: StageView): { label: string; value: string }[] {
  if (skipReason !== null) return [];
  if (stage === 'signal') return measuredFacts(facts);
  if (words === null) return [];
  return Object.entries(facts).map(([key, value]) => ({
    label: labelOf(words, key),
    value: factValue(value),
  }));
}

const measuredWords: Record<string, { label: () => string; unit: string }> = {
  integratedLufs: { label: m.signal_integrated, unit: 'LUFS' },
  loudnessRangeLu: { label: m.signal_range, unit: 'LU' },
  maxMomentaryLufs: { label: m.signal_momentary, unit: 'LUFS' },
  maxShortTermLufs: { label: m.signal_short_term, unit: 'LUFS' },
  truePeakDbtp: { label: m.signal_true_peak, unit: 'dBTP' },
  samplePeakDbfs: { label: m.signal_sample_peak, unit: 'dBFS' },
};

function measuredFacts(facts: StageView['facts']): { label: string; value: string }[] {
  const values = Object.entries(measuredWords).flatMap(([key, { label, unit }]) => {
    const value = facts[key];
    if (typeof value !== 'number') return [];
    const number = formatNumber(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    return [{ label: label(), value: `${number} ${unit}` }];
  });
  const { soundTracks: all, soundTracksMeasured: measured } = facts;
  if (typeof all !== 'number' || typeof measured !== 'number' || measured >= all) return values;
  const value = m.signal_tracks_some({ measured: formatNumber(measured), all: formatNumber(all) });
  return [...values, { label: m.signal_tracks(), value }];
}

function labelOf({ facts }: StageRunWords, key: string): string {
  return Object.hasOwn(facts, key) ? textOf(facts[key]!) : key;
}

function factValue(value: StageView['facts'][string]): string {
  if (typeof value === 'boolean') return value ? m.word_yes() : m.word_no();
  return typeof value === 'number' ? formatNumber(value, { maximumFractionDigits: 6 }) : value;
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

/**
 * Describes the processing of a file in a few words, with its place in the queue and the expected end. `named` adds the
 * name of the stage in the queue.
 */
export function describeStages(
  stages: readonly StageView[],
  progressOf: (stage: StageView) => number,
  form: 'short' | 'named' = 'short',
): string {
  const failed = stages.find(holds);
  if (failed) return m.stage_status_failed({ name: stageName(failed) });
  const current = stages.find(({ status }) => status === 'running' || status === 'waiting');
  if (!current) {
    const informs = stages.find((stage) => stage.informs);
    if (informs) return m.stage_status_informs({ name: stageName(informs) });
    const problems = stages.reduce((sum, stage) => sum + stage.problems, 0);
    if (problems > 0) return m.stage_status_problems({ count: problems });
    const skipped = stages.find(
      ({ status, skipReason }) =>
        status === 'skipped' && (form === 'named' || !quietSkips.includes(skipReason)),
    );
    if (skipped) return m.stage_status_skipped({ name: stageName(skipped) });
    return stages.length > 0 ? m.stage_status_done() : '';
  }
  const name = stageName(current);
  const end = lastEndOf(stages);
  if (current.status === 'waiting' && current.place !== null) {
    // `place` counts the files before this one, so its own place is one more.
    const place = formatNumber(current.place + 1);
    const words =
      end === null
        ? m.stage_status_queued({ place })
        : m.stage_status_queued_until({ place, time: formatTime(end) });
    return form === 'named' ? m.stage_status_named({ name, words }) : words;
  }
  const progress = progressOf(current);
  const attempt = attemptWords(current);
  if (attempt !== null) return m.stage_status_named({ name, words: attempt });
  if (current.status === 'waiting' && progress === 0) return m.stage_status_waiting({ name });
  const percent = formatPercent(progress);
  return end === null
    ? m.stage_status_running({ name, percent })
    : m.stage_status_ends({ name, percent, time: formatTime(end) });
}

/** Returns which attempt runs or is next; null until a first attempt has failed. */
function attemptWords({ attempt }: StageView): string | null {
  if (attempt === null) return null;
  const { at } = attempt;
  const [number, of] = [formatNumber(attempt.number), formatNumber(attempt.of)];
  return at === null
    ? m.stage_attempt_now({ number, of })
    : m.stage_attempt_at({ number, of, time: formatTime(at) });
}

/** Returns when the last stage is expected to end; null while an unfinished stage has no expected end. */
function lastEndOf(stages: readonly StageView[]): number | null {
  const ends = stages
    .filter(({ status }) => status === 'running' || status === 'waiting')
    .map(({ endAt }) => endAt);
  return ends.includes(null) ? null : Math.max(...(ends as number[]));
}
