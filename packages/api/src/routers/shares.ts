/** Shares of Workspace entries. */
import { z } from 'zod';
import { confirmShare } from '@turnover/core/shares/joining';
import { explainAccess, listShares } from '@turnover/core/shares/list';
import { recordOpened, verifyCopy } from '@turnover/core/entries/receipts';
import { checkRecipients, suggestRecipients } from '@turnover/core/shares/recipients';
import { listReceived } from '@turnover/core/shares/received';
import { createShares } from '@turnover/core/shares/create';
import { previewShareChange, revokeShare } from '@turnover/core/shares/revoke';
import { undoRevocation } from '@turnover/core/shares/undo';
import { remindOfShare, removeFromList, updateShare } from '@turnover/core/shares/shares';
import {
  checkRecipientsInput,
  confirmShareInput,
  createdSharesView,
  createShareInput,
  explainedAccessView,
  listSharedInput,
  recipientView,
  shareChangePreviewView,
  sharedListView,
  shareListView,
  suggestRecipientsInput,
  updateShareInput,
  verifiedCopyView,
  verifyCopyInput,
} from '@turnover/domain/workspace/shares';
import { onEntry, onProject, onRevokedShare, onShare } from '../procedures.ts';
import { t } from '../trpc.ts';

export const sharesRouter = t.router({
  create: onProject('workspace:use')
    .input(createShareInput)
    .output(createdSharesView)
    .mutation(({ ctx, input }) => createShares(ctx.hub, input)),
  list: onEntry('view')
    .output(shareListView)
    .query(({ ctx }) => listShares(ctx.hub, ctx.entry)),
  listReceived: onProject('workspace:use')
    .input(listSharedInput)
    .output(sharedListView)
    .query(({ ctx, input }) => listReceived(ctx.hub, input)),
  update: onShare('manage')
    .input(updateShareInput)
    .output(z.void())
    .mutation(({ ctx, input }) => updateShare(ctx.hub, input)),
  previewChange: onShare('manage')
    .output(shareChangePreviewView)
    .query(({ ctx }) => previewShareChange(ctx.hub, ctx.share)),
  confirm: onShare('manage')
    .input(confirmShareInput)
    .output(z.void())
    .mutation(({ ctx, input }) => confirmShare(ctx.hub, input)),
  revoke: onShare('manage')
    .output(z.void())
    .mutation(({ ctx }) => revokeShare(ctx.hub, ctx.share.id)),
  /** Undoes `revoke` within ten minutes, including the shares that ended with it. */
  restore: onRevokedShare.output(z.void()).mutation(({ ctx }) => undoRevocation(ctx.hub, ctx.share.id)),
  remind: onShare('manage')
    .output(z.void())
    .mutation(({ ctx }) => remindOfShare(ctx.hub, ctx.share.id)),
  removeFromList: onShare('receive')
    .output(z.void())
    .mutation(({ ctx }) => removeFromList(ctx.hub, ctx.share.id)),
  explain: onEntry('view')
    .output(explainedAccessView)
    .query(({ ctx }) => explainAccess(ctx.hub, ctx.entry)),
  checkRecipients: onProject('workspace:use')
    .input(checkRecipientsInput)
    .output(z.array(recipientView))
    .query(({ ctx, input }) => checkRecipients(ctx.hub.db, ctx.hub, input)),
  suggestRecipients: onProject('workspace:use')
    .input(suggestRecipientsInput)
    .output(z.array(recipientView))
    .query(({ ctx, input }) => suggestRecipients(ctx.hub, input)),
  /** Records that the caller opened the entry. The sharer sees it. */
  recordOpened: onEntry('view')
    .output(z.void())
    .mutation(({ ctx }) => recordOpened(ctx.hub, ctx.entry)),
  verifyCopy: onEntry('view')
    .input(verifyCopyInput)
    .output(verifiedCopyView)
    .mutation(({ ctx, input }) => verifyCopy(ctx.hub, ctx.entry, input.checksum)),
});
