/** Sentences about a check before files go into a request, whether they are uploaded or come from a Workspace. */
import type { Refusal } from '@turnover/domain/requests/actions';
import type { Need } from '@turnover/domain/rules/pre-flight';
import * as m from '@turnover/messages/messages';

/** Describes what the files that do not fit need. */
export function needWords({ renamed, reason, both, blocked }: Record<Exclude<Need, 'fit'>, number>): string {
  return [
    renamed > 0 && m.check_need_rename({ count: renamed }),
    reason > 0 && m.check_need_reason({ count: reason }),
    both > 0 && m.check_need_both({ count: both }),
    blocked > 0 && m.check_need_fix({ count: blocked }),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Says why files of the request cannot be replaced or cleared. */
export function whyNotWords({ code, details }: Refusal): string {
  if (code === 'forbidden') return m.check_no_replace_forbidden();
  if (code === 'checksum_forbids') {
    return details.hasList === false ? m.refusal_checksum_demanded() : m.refusal_checksum();
  }
  if (code === 'processing_forbids') return m.refusal_processing();
  if (code === 'name_taken') return m.error_code_name_taken();
  return code === 'still_removing' ? m.error_code_still_removing() : m.error_code_status_forbids();
}
