/** The selected files of a request, in the form the API expects. */
import type { DeliveredFileView, FileSelection as WireSelection } from '@turnover/domain/requests/files';
import { WindowedSelection, type Listed } from '#lib/ui/tables/windowed-selection.svelte.ts';

/** The API accepts this many names at once. */
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
