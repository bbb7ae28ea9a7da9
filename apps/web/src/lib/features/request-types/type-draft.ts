/** A type in the editor: texts as people type them, parsed into rules on save. */
import { compileNamePattern } from '@turnover/domain/rules/name-patterns';
import type { LimitName } from '@turnover/domain/media/signal-limits';
import type { ExpectedFiles, RequestRules, RequestTypeView } from '@turnover/domain/rules/request-types';
import * as m from '@turnover/messages/messages';
import { mediaProperties } from '#lib/rules-summary.ts';
import { limitsOfDraft, textsOfLimits } from './limit-draft.ts';
import { explainProblem } from './pattern-words.ts';

type Texts<Key extends string> = Record<Key, string>;

export type TypeDraft = Pick<
  RequestRules,
  | 'mediaKinds'
  | 'strictNames'
  | 'demandsManifest'
  | 'automaticSubmit'
  | 'completeSequences'
  | 'leftOutStages'
  | 'informingStages'
  | 'overridable'
> & {
  name: string;
  description: string;
  extensions: string;
  namePattern: string;
  expectedKind: ExpectedFiles['kind'];
  /** One name per line, with `?` in front of an optional one. */
  expectedNames: string;
  min: string;
  max: string;
  media: Texts<keyof RequestRules['media']>;
  limits: Texts<LimitName>;
};

/** The fields that a new type starts with. */
export type TypeTemplate = Pick<RequestTypeView, 'name' | 'description' | 'rules'>;

export function draftOf(
  rules: RequestRules,
  { name, description }: Pick<RequestTypeView, 'name' | 'description'>,
): TypeDraft {
  const { expected } = rules;
  return {
    name,
    description,
    extensions: rules.extensions.join(', '),
    namePattern: rules.namePattern ?? '',
    mediaKinds: [...rules.mediaKinds],
    overridable: [...rules.overridable],
    strictNames: rules.strictNames,
    demandsManifest: rules.demandsManifest,
    automaticSubmit: rules.automaticSubmit,
    completeSequences: rules.completeSequences,
    leftOutStages: [...rules.leftOutStages],
    informingStages: [...rules.informingStages],
    expectedKind: expected.kind,
    expectedNames:
      expected.kind === 'list'
        ? expected.files.map(({ name: each, optional }) => (optional ? `? ${each}` : each)).join('\n')
        : '',
    min: expected.kind === 'count' ? String(expected.min) : '1',
    max: expected.kind === 'count' && expected.max !== null ? String(expected.max) : '',
    limits: textsOfLimits(rules.signalLimits),
    media: Object.fromEntries(
      mediaProperties.map((key) => [key, rules.media[key].join(', ')]),
    ) as TypeDraft['media'],
  };
}

/** Returns the rules in the form that the API expects. */
export function rulesOfDraft(draft: TypeDraft): RequestRules {
  const { mediaKinds, strictNames, demandsManifest, automaticSubmit, completeSequences } = draft;
  const { leftOutStages, informingStages, overridable } = draft;
  return {
    mediaKinds,
    strictNames,
    demandsManifest,
    automaticSubmit,
    completeSequences,
    leftOutStages,
    informingStages,
    overridable,
    extensions: listed(draft.extensions).map((extension) => extension.toLowerCase().replace(/^\./, '')),
    namePattern: draft.namePattern.trim() === '' ? null : draft.namePattern,
    expected: expectedOf(draft),
    signalLimits: limitsOfDraft(draft.limits),
    media: Object.fromEntries(
      mediaProperties.map((key) => [key, listed(draft.media[key])]),
    ) as RequestRules['media'],
  };
}

/** Returns the problem of the list of expected names, with its line; undefined when there is none. */
export function problemOfNames(text: string): string | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    const name = line.trim().replace(/^\?\s*/, '');
    if (name === '') continue;
    const result = compileNamePattern(name);
    if ('problem' in result)
      return m.types_expected_line({ line: index + 1, problem: explainProblem(result) });
  }
  return undefined;
}

function expectedOf({ expectedKind, expectedNames, min, max }: TypeDraft): ExpectedFiles {
  if (expectedKind === 'count') {
    return { kind: 'count', min: Number(min) || 1, max: max.trim() === '' ? null : Number(max) };
  }
  const files = expectedNames
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.replace(/^\?\s*/, '') !== '')
    .map((line) => ({ name: line.replace(/^\?\s*/, ''), optional: line.startsWith('?') }));
  return expectedKind === 'list' && files.length > 0 ? { kind: 'list', files } : { kind: 'any' };
}

function listed(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
