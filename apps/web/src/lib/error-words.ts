/** Refusals of the hub as texts for people. A code without a text does not compile. */
import type { ErrorCode, ErrorDetails } from '@turnover/domain/errors';
import { isIndispensable } from '@turnover/domain/media/stage-control';
import { nameProblems, type NameProblem } from '@turnover/domain/names/names';
import type { RecipientVerdict } from '@turnover/domain/workspace/shares';
import * as m from '@turnover/messages/messages';
import { wordsForFault } from '#lib/fault-words.ts';
import { formatBytes, formatDay } from '#lib/format.ts';
import { idOf, type ReportedError } from '#lib/reported-error.ts';
import { wordsForLine } from '#lib/line-words.ts';
import { isRule } from '@turnover/domain/rules/rule-codes';
import { wordsForDiskSpace, wordsForProblem } from '#lib/rule-words.ts';

/** Texts that say how to correct a name. */
const nameWords: Record<NameProblem, () => string> = {
  empty: m.name_problem_empty,
  dots: m.name_problem_dots,
  slash: m.name_problem_slash,
  control: m.name_problem_control,
  reserved: m.name_problem_reserved,
  ending: m.name_problem_ending,
  too_long: m.name_problem_too_long,
  too_deep: m.name_problem_too_deep,
  not_unicode: m.name_problem_not_unicode,
};

/** Texts that say why nothing can be shared with a person. */
const refusedWords: Partial<Record<RecipientVerdict, (input: { email: string }) => string>> = {
  self: m.shares_refused_self,
  owner: m.shares_refused_owner,
  no_workspace: m.shares_refused_no_workspace,
  refused: m.shares_refused,
};

const changedWords: Record<string, (input: { by: string; name: string }) => string> = {
  renamed: m.error_changed_renamed,
  moved: m.error_changed_moved,
  deleted: m.error_changed_deleted,
  removed: m.error_changed_removed,
  undo: m.error_changed_undo,
  edited: m.error_changed_edited,
};

/** Texts that say why a future day is refused. */
const expiryWords: Record<string, (input: { day: string }) => string> = {
  beyond: m.shares_expiry_beyond,
  earlier: m.retention_kept_already,
};

const words: Record<Exclude<ErrorCode, 'internal'>, (details: ErrorDetails) => string> = {
  invalid_input: (details) => wordsForLine(details) ?? m.error_code_invalid_input(),
  unauthenticated: () => m.error_code_unauthenticated(),
  sign_in_refused: ({ again }) => (again ? m.error_sign_in_again() : m.error_code_sign_in_refused()),
  forbidden: () => m.error_code_forbidden(),
  not_found: ({ field }) => (field === 'mentions' ? m.error_mention_not_found() : m.error_code_not_found()),
  link_expired: () => m.error_code_link_expired(),
  email_taken: () => m.error_code_email_taken(),
  email_not_invited: ({ email }) =>
    email ? m.error_code_email_not_invited({ email: String(email) }) : m.error_code_email_not_invited_other(),
  code_refused: () => m.error_code_code_refused(),
  factor_refused: wordsForFactor,
  oidc_refused: () => m.error_code_oidc_refused(),
  password_off: ({ provider }) => m.error_code_password_off({ provider: String(provider) }),
  name_taken: ({ name, by }) => {
    if (!name) return m.error_code_name_taken();
    return by === 'upload'
      ? m.error_name_taken_upload({ name: String(name) })
      : m.error_name_taken_named({ name: String(name) });
  },
  name_invalid: wordsForName,
  conflict: () => m.error_code_conflict(),
  changed_meanwhile: wordsForChange,
  into_itself: () => m.error_code_into_itself(),
  out_of_share: () => m.error_code_out_of_share(),
  recipient_refused: ({ email, verdict }) =>
    refusedWords[String(verdict) as RecipientVerdict]?.({ email: String(email) }) ??
    m.error_code_recipient_refused(),
  expiry_refused: wordsForExpiry,
  already_reminded: ({ of }) =>
    of === 'request' ? m.error_reminded_today() : m.error_code_already_reminded(),
  nobody_assigned: () => m.error_code_nobody_assigned(),
  status_forbids: wordsForConflict,
  processing_forbids: () => m.error_code_processing_forbids(),
  stage_forbids: ({ action, stage }) =>
    action === 'skipStage' && isIndispensable(String(stage))
      ? m.error_stage_indispensable()
      : m.error_code_stage_forbids(),
  checksum_forbids: ({ hasList }) =>
    hasList === false ? m.error_checksum_demanded() : m.error_code_checksum_forbids(),
  request_empty: () => m.error_code_request_empty(),
  still_uploading: () => m.error_code_still_uploading(),
  still_verifying: () => m.error_code_still_verifying(),
  still_removing: () => m.error_code_still_removing(),
  still_comparing: () => m.error_code_still_comparing(),
  unresolved: unresolvedWords,
  findings_open: ({ count }) => m.error_findings_open({ count: Number(count ?? 1) }),
  rules_unmet: wordsForRules,
  nothing_changed: ({ round }) =>
    round ? m.error_round_unchanged({ round: Number(round) }) : m.error_code_nothing_changed(),
  reason_required: () => m.error_code_reason_required(),
  last_coordinator: () => m.error_code_last_coordinator(),
  wrong_offset: () => m.error_code_wrong_offset(),
  upload_gone: () => m.error_code_upload_gone(),
  upload_locked: () => m.error_code_upload_locked(),
  checksum_mismatch: () => m.error_code_checksum_mismatch(),
  file_differs: () => m.error_code_file_differs(),
  too_large: ({ by, mostFiles }) => {
    if (typeof mostFiles === 'number') return m.error_archive_too_many({ count: mostFiles });
    return by === 'proxy' ? m.error_proxy_too_large() : m.error_code_too_large();
  },
  body_too_large: () => m.error_code_body_too_large(),
  body_too_slow: () => m.error_code_body_too_slow(),
  no_space: wordsForSpace,
  too_many_uploads: () => m.error_code_too_many_uploads(),
  too_many_held: ({ what }) => (what === 'savedViews' ? m.error_views_full() : m.error_code_too_many_held()),
  too_many_streams: () => m.error_code_too_many_streams(),
  too_many_unfinished: () => m.error_code_too_many_unfinished(),
  throttled: wordsForThrottled,
  cross_site: () => m.error_code_cross_site(),
  unavailable: ({ reason, isKept }) =>
    isKept === false ? m.error_archive_not_kept() : (wordsForFault(reason) ?? m.error_code_unavailable()),
  wrong_address: ({ opened, address }) =>
    m.error_code_wrong_address({ opened: String(opened), address: String(address) }),
};

function wordsForFactor({ reason, minutes }: ErrorDetails): string {
  if (reason === 'skewed') return m.second_factor_skewed({ count: Number(minutes) });
  if (reason === 'passkey') return m.passkeys_refused();
  return reason === 'used' ? m.second_factor_used() : m.second_factor_wrong();
}

/** Describes what is unresolved in a request to accept: "2 findings, 1 file needs attention". */
function unresolvedWords({ findings, failed }: ErrorDetails): string {
  const [open, files] = [Number(findings ?? 0), Number(failed ?? 0)];
  const parts = [
    open > 0 && m.error_unresolved_findings({ count: open }),
    files > 0 && m.work_failed_files({ count: files }),
  ];
  return m.error_unresolved({ open: parts.filter(Boolean).join(', ') });
}

function wordsForName({ problem, bytes, over, most, characters, suggestion }: ErrorDetails): string {
  const words =
    typeof over === 'number'
      ? m.error_name_too_long({ bytes: Number(bytes), over, most: Number(most) })
      : characters
        ? m.error_name_hidden({ characters: String(characters) })
        : isNameProblem(problem)
          ? nameWords[problem]()
          : m.error_code_name_invalid();
  return suggestion ? m.error_name_suggested({ words, suggestion: String(suggestion) }) : words;
}

function wordsForThrottled({ retryAfterSeconds: seconds }: ErrorDetails): string {
  if (typeof seconds !== 'number') return m.error_code_throttled();
  return seconds > 90
    ? m.error_throttled_minutes({ count: Math.ceil(seconds / 60) })
    : m.error_throttled_seconds({ count: seconds });
}

function wordsForRules({ rule, path, count, ...details }: ErrorDetails): string {
  if (!isRule(rule)) return m.error_code_rules_unmet();
  const words = wordsForProblem(rule, { path: typeof path === 'string' ? path : null, details });
  const more = Number(count ?? 1) - 1;
  return more > 0 ? m.rule_count_more({ words, count: more }) : words;
}

function wordsForSpace({ limitedBy, neededBytes, availableBytes, ...cap }: ErrorDetails): string {
  if (typeof neededBytes !== 'number' || typeof availableBytes !== 'number')
    return wordsForFault(cap.reason) ?? m.error_code_no_space();
  const [needed, available] = [formatBytes(neededBytes), formatBytes(availableBytes)];
  if (limitedBy === 'heldByProject' || limitedBy === 'heldByWorkspace') {
    const left = needed === available ? m.space_slightly_less() : available;
    if (limitedBy === 'heldByWorkspace' && cap.isOwn !== true)
      return m.error_no_space_held_workspace_other({ needed, left });
    const facts = { needed, left, limit: formatBytes(Number(cap.limitBytes)) };
    return limitedBy === 'heldByProject'
      ? m.error_no_space_held_project(facts)
      : m.error_no_space_held_workspace(facts);
  }
  const [limit, reserved] = [formatBytes(Number(cap.limitBytes)), formatBytes(Number(cap.reservedBytes))];
  // Sizes that round to the same text would read "1 kB of at most 1 kB".
  const isFull = reserved === limit;
  if (limitedBy === 'person')
    return isFull
      ? m.error_no_space_person_full({ needed, limit })
      : m.error_no_space_person({ needed, limit, reserved });
  if (limitedBy === 'project')
    return isFull
      ? m.error_no_space_project_full({ needed, limit })
      : m.error_no_space_project({ needed, limit, reserved });
  return wordsForDiskSpace(needed, available);
}

/** Texts for the change that somebody else made to a request at the same time. */
const conflictWords: Record<string, (input: { by: string }) => string> = {
  'request.submitted': m.conflict_submitted,
  'request.processingStarted': m.conflict_processing,
  'request.processingResumed': m.conflict_processing_resumed,
  'request.processed': m.conflict_processed,
  'request.accepted': m.conflict_accepted,
  'request.reopened': m.conflict_reopened,
  'request.redeliveryAsked': m.conflict_redelivery,
  'request.cancelled': m.conflict_cancelled,
  'request.restored': m.conflict_restored,
};

/** An older change of status did not just happen. */
const recentMs = 5 * 60_000;

function wordsForConflict({ did, by, byHub, at }: ErrorDetails): string {
  const words = conflictWords[String(did)];
  const isRecent = typeof at === 'number' && Date.now() - at < recentMs;
  if (!words || !isRecent) return m.error_code_status_forbids();
  if (did === 'request.submitted' && byHub === true) return m.conflict_submitted_automatically();
  return words({ by: typeof by === 'string' ? by : m.error_changed_someone() });
}

function wordsForChange({ what, by, name }: ErrorDetails): string {
  const input = { by: by === null ? m.error_changed_someone() : String(by), name: String(name) };
  return changedWords[String(what)]?.(input) ?? m.error_code_changed_meanwhile();
}

function wordsForExpiry({ why, until }: ErrorDetails): string {
  if (why === 'past') return m.shares_expiry_past();
  const wordsWithDay = expiryWords[String(why)];
  if (!wordsWithDay || typeof until !== 'number') return m.error_code_expiry_refused();
  return wordsWithDay({ day: formatDay(until, Date.now()) });
}

/** Returns how to correct a name. */
export function wordsForNameProblem(problem: NameProblem): string {
  return nameWords[problem]();
}

/** Returns why nothing can be shared with the address; undefined when it can. */
export function wordsForRecipient(email: string, verdict: RecipientVerdict): string | undefined {
  return refusedWords[verdict]?.({ email });
}

export function wordsFor(report: ReportedError): string {
  const { code, details = {} } = report;
  return code === 'internal'
    ? m.error_something_went_wrong({ id: idOf(report) ?? code })
    : words[code](details);
}

function isNameProblem(value: unknown): value is NameProblem {
  return (nameProblems as readonly unknown[]).includes(value);
}
