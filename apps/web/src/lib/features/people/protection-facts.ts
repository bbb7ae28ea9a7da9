/** How the data of a project is protected, in words. */
import { countFactors, type AccessReportView } from '@turnover/domain/people/access-report';
import { expiryOf } from '@turnover/domain/workspace/retention';
import * as m from '@turnover/messages/messages';
import { formatDay } from '#lib/format.ts';

/** `isEncrypted`: whether this page came over https. */
export function protectionFacts(
  { people, retention }: AccessReportView,
  { isEncrypted, now }: { isEncrypted: boolean; now: number },
) {
  const { launchAt, retentionDays, trashDays, backupsKept } = retention;
  const endsAt = expiryOf({ launchAt, retentionDays }, null);
  return [
    {
      label: m.access_transit(),
      value: isEncrypted ? m.access_transit_https() : m.access_transit_http(),
    },
    { label: m.access_rest(), value: m.access_rest_text() },
    { label: m.access_secrets(), value: m.access_secrets_text() },
    { label: m.access_factors(), value: m.access_factors_text(countFactors(people)) },
    {
      label: m.access_retention(),
      value:
        launchAt === null || endsAt === null
          ? m.retention_no_launch()
          : m.retention_launch({
              day: formatDay(launchAt, now),
              count: retentionDays,
              end: formatDay(endsAt, now),
            }),
    },
    { label: m.access_trash(), value: m.access_trash_text({ days: trashDays }) },
    {
      label: m.access_backups(),
      value: backupsKept === null ? m.access_backups_off() : m.access_backups_text({ count: backupsKept }),
    },
    { label: m.access_audit(), value: m.access_audit_text() },
  ];
}
