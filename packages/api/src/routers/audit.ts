/** The audit log, for owners of the hub. */
import { listAudit } from '@turnover/core/audit/list';
import { auditState } from '@turnover/core/audit/seals';
import { auditListView, auditStateView, listAuditInput } from '@turnover/domain/server/audit';
import { asOwner } from '../procedures.ts';
import { t } from '../trpc.ts';

export const auditRouter = t.router({
  /** The number of entries, and the newest seal. */
  state: asOwner.output(auditStateView).query(({ ctx }) => auditState(ctx.hub)),
  /** Newest first. A search for text returns what it finds in the next part of the log, which may be nothing. */
  list: asOwner
    .input(listAuditInput)
    .output(auditListView)
    .query(({ ctx, input }) => listAudit(ctx.hub, input)),
});
