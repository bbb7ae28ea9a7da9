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

/** Returns the name of a stage. `stated`: the name that an external stage declares. */
export function nameOfStage(stage: string, stated?: StageText | null): string {
  return stated ? textOf(stated) : wordOf(stageWords, stage);
}

/** Returns the name for lists of stages without a run, with a mark for a simulated stage. */
export function markedStage(stage: string, stated?: StageText | null): string {
  const name = nameOfStage(stage, stated);
  return isSimulated(stage) ? m.stage_name_simulated({ name }) : name;
}

export function textOf(text: StageText): string {
  return text[getLocale()] ?? text.en;
}

/**
 * Returns the text for a code; the code itself when there is none, such as for an external stage that no worker has
 * declared.
 */
export function wordOf(words: Record<string, () => string>, code: string): string {
  return Object.hasOwn(words, code) ? words[code]!() : code;
}
