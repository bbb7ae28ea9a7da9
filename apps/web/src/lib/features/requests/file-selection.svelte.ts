/** Which files of a request are chosen, and how that is told to the interface. */
import type { FileSelection as WireSelection } from '@turnover/domain/request-files';
import { RowSelection } from '#lib/ui/row-selection.svelte.ts';

/** The interface takes at most so many names at once. */
const mostOnTheWire = 1000;

export class FileSelection extends RowSelection {
  /** A selection of nearly everything travels as what is left out. */
  onTheWire(fileIds: readonly string[]): WireSelection {
    if (fileIds.length <= mostOnTheWire) return { fileIds: [...fileIds] };
    const chosen = new Set(fileIds);
    return { allExcept: this.listed().flatMap(({ id }) => (chosen.has(id) ? [] : [id])) };
  }
}
