/** The history of a request as sentences, without actor and time. A kind without a sentence does not compile. */
import type { EventKind, EventView, HistoryKind } from '@turnover/domain/events';
import type { ManifestCounts } from '@turnover/domain/manifests/summary';
import * as m from '@turnover/messages/messages';
import { formatDue } from '#lib/format.ts';
import { now } from '#lib/ui/text/now.svelte.ts';
import { isRule } from '@turnover/domain/rules/rule-codes';
import { ruleNames } from '#lib/rule-names.ts';
import { describeCounts } from './files/manifest-words.ts';
import { stageName } from './stage-words.ts';
import { answerWords, isFindingAnswer } from './request-words.ts';

/** `by`: the name of the person who acted; it precedes the sentence. */
type Sentence = (data: EventView['data'], by: string | null) => string;

const sentences: Record<HistoryKind, Sentence> = {
  'request.created': () => m.history_created(),
  'request.updated': () => m.history_updated(),
  'request.assigned': ({ names }) =>
    Array.isArray(names) && names.length > 0
      ? m.history_assigned_to({ names: names.join(', ') })
      : m.history_assigned(),
  'request.submitted': ({ round, automatic }) =>
    automatic
      ? m.history_submitted_automatically({ round: Number(round ?? 1) })
      : m.history_submitted({ round: Number(round ?? 1) }),
  'request.processingStarted': () => m.history_processing_started(),
  'request.processingResumed': () => m.history_processing_resumed(),
  'request.processed': ({ round }) => m.history_processed({ round: Number(round ?? 1) }),
  'request.accepted': () => m.history_accepted(),
  'request.reopened': () => m.history_reopened(),
  'request.redeliveryAsked': () => m.history_redelivery(),
  'request.cancelled': () => m.history_cancelled(),
  'request.restored': () => m.history_restored(),
  'request.promised': ({ promisedAt }) =>
    promisedAt
      ? m.history_promised({ date: formatDue(Number(promisedAt), now()) })
      : m.history_promise_withdrawn(),
  'request.reminded': () => m.history_reminded(),
  'request.commented': () => m.history_commented(),
  'request.ruleOverridden': ({ rule, reason }) =>
    m.history_rule_overridden({
      rule: isRule(rule) ? ruleNames[rule]() : String(rule),
      reason: String(reason),
    }),
  'request.pinAnswered': ({ answer }) =>
    isFindingAnswer(answer)
      ? m.history_finding_answered({ answer: answerWords[answer]() })
      : m.history_finding_unanswered(),
  'request.pinChecked': ({ checked }) =>
    checked ? m.history_finding_checked() : m.history_finding_unchecked(),
  'file.added': (data) => m.history_files_added({ names: namesOf(data) }),
  'file.renamed': ({ from, to }) => m.history_file_renamed({ from: String(from), to: String(to) }),
  'file.removed': (data) => m.history_files_removed({ names: namesOf(data) }),
  'file.cleared': (data) => m.history_files_cleared({ count: countOf(data) }),
  'file.replaced': (data) => m.history_files_replaced({ names: namesOf(data) }),
  'file.restored': (data) => m.history_files_restored({ names: namesOf(data) }),
  'file.stageFailed': (data) => m.history_stage_failed({ name: namesOf(data) }),
  'file.stageRetried': (data) => m.history_stage_retried({ stage: stageOf(data), name: namesOf(data) }),
  'file.stageSkipped': (data) =>
    m.history_stage_skipped({
      stage: stageOf(data),
      name: namesOf(data),
      reason: String(data.reason ?? ''),
    }),
  'file.stageCancelled': (data) => m.history_stage_cancelled({ stage: stageOf(data), name: namesOf(data) }),
  'manifest.compared': (data) =>
    m.history_manifest_compared({ result: describeCounts(data as Partial<ManifestCounts>) }),
  'member.added': ({ name }, by) =>
    by === name ? m.history_member_joined() : m.history_member_added({ name: String(name) }),
  'member.removed': ({ name }, by) =>
    by === name ? m.history_member_left() : m.history_member_removed({ name: String(name) }),
  'member.roleChanged': ({ name }) => m.history_member_role({ name: String(name) }),
  'upload.mismatch': (data) => m.history_mismatch({ name: namesOf(data) }),
  'upload.discarded': (data) => m.history_upload_discarded({ name: namesOf(data) }),
};

/** Returns null for signals, which no history shows. */
export function describeEvent({ kind, data, actor }: EventView): string | null {
  return isHistory(kind) ? sentences[kind](data, actor?.name ?? null) : null;
}

/** Returns the submitted round that the event is about; null when it is about none or about the unsubmitted one. */
export function roundOf({ kind, data }: EventView): number | null {
  return aboutRounds.has(kind) && typeof data.round === 'number' ? data.round : null;
}

const aboutRounds: ReadonlySet<EventKind> = new Set([
  'request.submitted',
  'request.processed',
  'request.redeliveryAsked',
]);

/** Returns the actor as the subject of the sentence; null for the hub itself. */
export function subjectOf({ actor, isActorHidden }: EventView): string | null {
  return actor?.name ?? (isActorHidden ? m.error_changed_someone() : null);
}

function isHistory(kind: EventKind): kind is HistoryKind {
  return kind in sentences;
}

function stageOf({ stage, mode }: EventView['data']): string {
  return stageName({ stage: String(stage), mode: mode === 'simulated' ? mode : 'real', words: null });
}

function countOf({ count, names }: EventView['data']): number {
  return Number(count ?? (Array.isArray(names) ? names.length : 1));
}

function namesOf(data: EventView['data']): string {
  const names = Array.isArray(data.names) ? data.names : [data.name ?? data.path ?? ''];
  const listed = names.map(String).join(', ');
  const more = countOf(data) - names.length;
  return more > 0 ? m.history_and_more({ names: listed, count: more }) : listed;
}
