/** The fields of the type editor, for merging an edit with somebody else's. */
import { noRules, type RequestTypeView } from '@turnover/domain/rules/request-types';
import * as m from '@turnover/messages/messages';
import { ruleNames } from '#lib/rule-names.ts';
import { factsOfRules } from '#lib/rules-summary.ts';
import { editField, type EditField } from '#lib/ui/overlays/merging.svelte.ts';
import { draftOf, rulesOfDraft, type TypeDraft } from './type-draft.ts';

type Key = keyof TypeDraft;
type Form = { get: () => TypeDraft; set: (parts: Partial<TypeDraft>) => void };

const empty = draftOf(noRules, { name: '', description: '' });

export function typeFields(form: Form): EditField<RequestTypeView>[] {
  const field = (label: string, keys: readonly Key[], words = ruleWords) =>
    editField({
      label,
      stored: (from: RequestTypeView) => partsOf(draftOf(from.rules, from), keys),
      mine: () => partsOf(form.get(), keys),
      take: (parts) => form.set(parts),
      words,
    });
  const text = (label: string, key: Key) => field(label, [key], (parts) => String(parts[key]));
  return [
    text(m.types_name(), 'name'),
    text(m.types_description(), 'description'),
    text(m.types_pattern(), 'namePattern'),
    text(m.types_extensions(), 'extensions'),
    field(m.types_expected(), ['expectedKind', 'expectedNames', 'min', 'max'], expectedWords),
    field(m.types_media(), ['mediaKinds', 'media']),
    field(m.types_limits(), ['limits']),
    field(m.types_column_rules(), ['strictNames', 'demandsManifest', 'automaticSubmit', 'completeSequences']),
    field(m.types_stages(), ['leftOutStages', 'informingStages']),
    field(m.types_overridable(), ['overridable'], ({ overridable = [] }) =>
      overridable.map((rule) => ruleNames[rule]()).join(', '),
    ),
  ];
}

function partsOf(draft: TypeDraft, keys: readonly Key[]): Partial<TypeDraft> {
  return Object.fromEntries(keys.map((key) => [key, draft[key]]));
}

function ruleWords(parts: Partial<TypeDraft>): string {
  return factsOfRules(rulesOfDraft({ ...empty, ...parts }))
    .map(({ label, value }) => `${label}: ${value}`)
    .join('\n');
}

/** Lists the names themselves, because their number does not show what changed. */
function expectedWords(parts: Partial<TypeDraft>): string {
  return parts.expectedKind === 'list' ? (parts.expectedNames ?? '') : ruleWords(parts);
}
