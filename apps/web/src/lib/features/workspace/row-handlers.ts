/** The events of a Workspace row. */
import type { EntryView } from '@turnover/domain/workspace/entries';

export type RowHandlers = {
  toggle: (entry: EntryView, row: number, range: boolean) => void;
  click: (entry: EntryView, row: number, event: MouseEvent) => void;
  contextMenu: (entry: EntryView, row: number, event: MouseEvent) => void;
  open: (entry: EntryView) => void;
  show: (entry: EntryView) => void;
  share: (entry: EntryView) => void;
  menu: (entry: EntryView, button: HTMLElement) => void;
};
