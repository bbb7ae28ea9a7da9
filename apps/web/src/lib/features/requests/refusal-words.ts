/** Explains why an action is not possible now, as a sentence beside the action. */
import { permissions, rolesReaching } from '@turnover/domain/people/permissions';
import type { ErrorDetails } from '@turnover/domain/errors';
import type { Refusal, RefusalCode } from '@turnover/domain/requests/actions';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import { statusLooks } from './request-words.ts';

const words: Record<RefusalCode, (details: ErrorDetails) => string> = {
  forbidden: ({ permission }) => explainForbidden(permission),
  status_forbids: ({ action, status }) => explainStatus(String(action), status as RequestStatus),
  stage_forbids: () => m.error_code_stage_forbids(),
  processing_forbids: () => m.refusal_processing(),
  checksum_forbids: ({ hasList }) =>
    hasList === false ? m.refusal_checksum_demanded() : m.refusal_checksum(),
  request_empty: () => m.refusal_empty(),
  name_taken: () => m.error_code_name_taken(),
  still_removing: () => m.error_code_still_removing(),
  still_uploading: ({ count }) => m.refusal_uploading({ count: Number(count) }),
  still_verifying: ({ count }) => m.refusal_verifying({ count: Number(count) }),
  still_comparing: () => m.refusal_comparing(),
  findings_open: ({ count }) => m.error_findings_open({ count: Number(count ?? 1) }),
};

export function explainRefusal(refusal: Refusal): string;
export function explainRefusal(refusal: Refusal | null | undefined): string | undefined;
export function explainRefusal(refusal: Refusal | null | undefined): string | undefined {
  return refusal ? words[refusal.code](refusal.details) : undefined;
}

/** Explains why redelivery cannot be asked for. People who may reopen the request are not told to ask a coordinator. */
export function explainRedelivery(
  refusal: Refusal | null | undefined,
  mayReopen: boolean,
): string | undefined {
  return refusal && mayReopen ? m.refusal_redelivery_reopen() : explainRefusal(refusal);
}

/** Why a request cannot be submitted, for each status that forbids it. */
const submitWords: Partial<Record<RequestStatus, () => string>> = {
  submitted: m.refusal_submit_processing,
  processing: m.refusal_submit_processing,
  processed: m.refusal_submit_processed,
  accepted: m.refusal_accepted,
  cancelled: m.refusal_submit_cancelled,
};

function explainForbidden(permission: unknown): string {
  const known = permissions.find((each) => each === permission);
  const may = known ? rolesReaching(known) : [];
  return may.length === 1 && may[0] === 'coordinator' ? m.refusal_coordinators() : m.refusal_forbidden();
}

function explainStatus(action: string, status: RequestStatus): string {
  if (action === 'askForRedelivery' && status === 'accepted') return m.refusal_redelivery_accepted();
  if (action === 'askForRedelivery') return m.refusal_redelivery();
  if (action === 'accept') return status === 'accepted' ? m.refusal_accepted() : m.refusal_accept();
  if (action === 'submit')
    return submitWords[status]?.() ?? m.refusal_status({ status: statusLooks[status].word() });
  if (action === 'reopen') return m.refusal_reopen();
  if (action === 'restore') return m.refusal_restore();
  if (action === 'cancel') return m.refusal_cancel();
  if (action === 'answer') return m.refusal_answer();
  if (action === 'check') return m.refusal_check();
  return m.refusal_status({ status: statusLooks[status].word() });
}
