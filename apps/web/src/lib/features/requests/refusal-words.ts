/** Explains why an action is not possible now, as a sentence beside the action. */
import { permissions, rolesReaching } from '@turnover/domain/people/permissions';
import type { Refusal } from '@turnover/domain/requests/actions';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import { wordsFor } from '#lib/errors.ts';
import { statusLooks } from './request-words.ts';

export function explainRefusal(refusal: Refusal | null | undefined): string | undefined {
  if (!refusal) return undefined;
  const { code, details } = refusal;
  if (code === 'forbidden') return explainForbidden(details.permission);
  if (code === 'processing_forbids') return m.refusal_processing();
  if (code === 'checksum_forbids') {
    return details.hasList === false ? m.refusal_checksum_demanded() : m.refusal_checksum();
  }
  if (code === 'still_comparing') return m.refusal_comparing();
  if (code === 'request_empty') return m.refusal_empty();
  if (code === 'still_uploading') return m.refusal_uploading({ count: Number(details.count) });
  if (code === 'still_verifying') return m.refusal_verifying({ count: Number(details.count) });
  if (code === 'status_forbids')
    return explainStatus(String(details.action), details.status as RequestStatus);
  return wordsFor({ code, details });
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
