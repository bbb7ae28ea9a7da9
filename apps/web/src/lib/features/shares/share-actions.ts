/** The actions on a share: rows offer them, and the tab runs them. */
import type { ShareView } from '@turnover/domain/workspace/shares';
import { undoAction } from '#lib/undoing.ts';
import { trpc } from '#lib/trpc.ts';
import type { ToastAction } from '#lib/ui/overlays/toaster.svelte.ts';

export type ShareActions = {
  edit: (share: ShareView) => void;
  /** Extends the share by a week. */
  extend: (share: ShareView) => void;
  remind: (shares: readonly ShareView[]) => void;
  revoke: (share: ShareView) => void;
  /** Called after the row has changed the share. */
  changed: () => void;
};

/** Restores shares that were just revoked, with all shares that ended with them. */
export function undoRevocations(shareIds: readonly string[], reload: () => Promise<void>): ToastAction {
  return undoAction(async () => {
    for (const shareId of shareIds) await trpc.shares.restore.mutate({ shareId });
  }, reload);
}
