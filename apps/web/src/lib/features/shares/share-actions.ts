/** What can be done about a share that somebody has: the rows offer it, the tab does it. */
import type { ShareView } from '@turnover/domain/workspace/shares';

export type ShareActions = {
  edit: (share: ShareView) => void;
  /** By a week, in one click. */
  extend: (share: ShareView) => void;
  remind: (shares: readonly ShareView[]) => void;
  revoke: (share: ShareView) => void;
  /** Something was changed in its row. */
  changed: () => void;
};
