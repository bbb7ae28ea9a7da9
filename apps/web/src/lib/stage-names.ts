/** The names of the stages of processing. */
import { isSimulated, type StageName } from '@turnover/domain/media/stages';
import type { StageText } from '@turnover/domain/media/stage-words';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';

const stageWords: Record<StageName, () => string> = {
  checksum: m.stage_checksum,
  inspect: m.stage_inspect,
  rules: m.stage_rules,
  signal: m.stage_signal,
  text: m.stage_text,
  package: m.stage_package,
  preview: m.stage_preview,
  encode: m.stage_encode,
};

/** `stated`: the name that a stage from outside brings along. */
export function nameOfStage(stage: string, stated?: StageText | null): string {
  return stated ? textOf(stated) : wordOf(stageWords, stage);
}

/** For lists of stages, without a run: marks the one that is only simulated. */
export function markedStage(stage: string, stated?: StageText | null): string {
  const name = nameOfStage(stage, stated);
  return isSimulated(stage) ? m.stage_name_simulated({ name }) : name;
}

export function textOf(text: StageText): string {
  return text[getLocale()] ?? text.en;
}

/** The code itself where there are no words, such as those of a stage from outside that no worker has stated. */
export function wordOf(words: Record<string, () => string>, code: string): string {
  return Object.hasOwn(words, code) ? words[code]!() : code;
}
