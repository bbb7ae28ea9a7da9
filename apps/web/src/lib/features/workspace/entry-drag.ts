/** Dragging entries to another folder: rows are sources, folders are targets. */
import type { Attachment } from 'svelte/attachments';
import type { EntrySelection as WireSelection } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';

export type Dragged = {
  selection: WireSelection;
  count: number;
  /** Returns true for an entry that is being dragged and so cannot be a target. */
  has: (entryId: string) => boolean;
};
export type Place = { id: string | null; name: string };

const type = 'application/x-turnover-entries';
const folderSelector = '[data-folder]';
/** The dragged entries. During a drag the browser hides its data until the drop, so they are kept here. */
let dragged: Dragged | null = null;

/**
 * Makes rows within the element draggable, by their `data-row`. `take` returns null for a row that cannot be dragged.
 */
export function dragSource(take: (entryId: string) => Dragged | null): Attachment<HTMLElement> {
  return (element) => {
    function start(event: DragEvent) {
      const row = (event.target as Element).closest<HTMLElement>('[data-row]');
      dragged = row?.dataset.row ? take(row.dataset.row) : null;
      if (!dragged || !event.dataTransfer) return event.preventDefault();
      event.dataTransfer.setData(type, '');
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setDragImage(imageOf(dragged.count), -12, -8);
    }

    const stop = new AbortController();
    element.addEventListener('dragstart', start, { signal: stop.signal });
    element.addEventListener('dragend', () => (dragged = null), { signal: stop.signal });
    return () => stop.abort();
  };
}

/** Makes folders within the element accept dragged entries, by their `data-folder` (empty for the root). */
export function dropZone(ondrop: (dragged: Dragged, place: Place) => void): Attachment<HTMLElement> {
  return (element) => {
    let marked: HTMLElement | null = null;

    function mark(folder: HTMLElement | null) {
      if (folder === marked) return;
      delete marked?.dataset.drop;
      if (folder) folder.dataset.drop = 'over';
      marked = folder;
    }

    function over(event: DragEvent) {
      if (!dragged || !event.dataTransfer) return;
      const folder = folderUnder(event, dragged);
      mark(folder);
      if (!folder) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
    }

    function drop(event: DragEvent) {
      const folder = dragged && folderUnder(event, dragged);
      mark(null);
      if (!folder || !dragged) return;
      event.preventDefault();
      event.stopPropagation();
      ondrop(dragged, { id: folder.dataset.folder || null, name: folder.dataset.name ?? folder.innerText });
      dragged = null;
    }

    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener('dragenter', over, { signal });
    element.addEventListener('dragover', over, { signal });
    element.addEventListener('dragleave', (event) => leaves(event, element) && mark(null), { signal });
    element.addEventListener('drop', drop, { signal });
    return () => stop.abort();
  };
}

function folderUnder({ target }: DragEvent, { has }: Dragged): HTMLElement | null {
  const folder = target instanceof Element ? target.closest<HTMLElement>(folderSelector) : null;
  return folder && !has(folder.dataset.folder ?? '') ? folder : null;
}

function leaves({ relatedTarget }: DragEvent, element: HTMLElement): boolean {
  return !(relatedTarget instanceof Node) || !element.contains(relatedTarget);
}

/** Returns the image that follows the pointer. It must be in the document while the browser captures it. */
function imageOf(count: number): HTMLElement {
  const image = document.createElement('div');
  image.textContent = m.workspace_items({ count });
  image.className = 'drag-image';
  document.body.append(image);
  setTimeout(() => image.remove());
  return image;
}
