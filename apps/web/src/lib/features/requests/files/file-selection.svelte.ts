/** Which files of a request are chosen, and how that is told to the interface. */
import type { DeliveredFileView, FileSelection as WireSelection } from '@turnover/domain/requests/files';
import { WindowedSelection, type Listed } from '#lib/ui/tables/windowed-selection.svelte.ts';

/** The interface takes at most so many names at once. */
const maxOnTheWire = 1000;

export class FileSelection extends WindowedSelection<DeliveredFileView> {
  constructor(list: Listed<DeliveredFileView>) {
    super(list, maxOnTheWire);
  }

  get wire(): WireSelection {
    const { except, rows } = this;
    return except ? { allExcept: [...except] } : { fileIds: (rows ?? []).map(({ id }) => id) };
  }
}
