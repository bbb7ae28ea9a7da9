/** Sentences about a check before files go into a request, whether they are uploaded or come from a Workspace. */
import type { Need } from '@turnover/domain/rules/pre-flight';
import * as m from '@turnover/messages/messages';

/** What the files that do not fit need. */
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

/** Why the file that has the name cannot be replaced. */
export function whyNotReplaceWords({ code }: { code: string }): string {
  if (code === 'forbidden') return m.check_no_replace_forbidden();
  if (code === 'checksum_forbids') return m.refusal_checksum();
  return m.refusal_processing();
}
