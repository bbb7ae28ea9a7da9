/** The texts for the lines of a compared type. */
import { mediaKinds, type MediaKind } from '@turnover/domain/media/media-kinds';
import type { ComparedLine, RuleField } from '@turnover/domain/rules/compare-rules';
import * as m from '@turnover/messages/messages';
import { isRule } from '@turnover/domain/rules/rule-codes';
import { ruleNames } from '#lib/rule-names.ts';
import { limitWords, mediaKindWords, mediaPropertyWords } from '#lib/rules-summary.ts';
import { markedStage } from '#lib/stage-names.ts';

export const fieldWords: Record<RuleField, () => string> = {
  mediaKinds: m.types_kinds,
  extensions: m.types_extensions,
  namePattern: m.types_pattern,
  expected: m.types_expected,
  ...mediaPropertyWords,
  ...limitWords,
  strictNames: m.types_strict,
  demandsManifest: m.types_manifest,
  completeSequences: m.types_sequences,
  automaticSubmit: m.types_automatic,
  leftOutStages: m.types_left_out,
  informingStages: m.types_informing,
  overridable: m.types_overridable,
};

export function lineWords({ field, text }: Pick<ComparedLine, 'field' | 'text'>): string {
  if (text === '') return m.types_compare_yes();
  if (field === 'overridable' && isRule(text)) return ruleNames[text]();
  if (field === 'leftOutStages' || field === 'informingStages') return markedStage(text);
  if (field === 'mediaKinds' && isKind(text)) return mediaKindWords[text]();
  return text;
}

function isKind(text: string): text is MediaKind {
  return (mediaKinds as readonly string[]).includes(text);
}
