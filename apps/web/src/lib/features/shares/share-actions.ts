/** The actions on a share: rows offer them, the tab runs them. */
import type { ShareView } from '@turnover/domain/workspace/shares';

export type ShareActions = {
  edit: (share: ShareView) => void;
  /** Extends the share by a week. */
  extend: (share: ShareView) => void;
  remind: (shares: readonly ShareView[]) => void;
  revoke: (share: ShareView) => void;
  /** The row changed the share. */
  changed: () => void;
};
