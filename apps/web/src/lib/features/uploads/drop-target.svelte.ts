/** Makes an element take dropped files and folders; null as a target: not now, and the drop is refused. */
import type { Attachment } from 'svelte/attachments';
import { wordsForCaught } from '#lib/errors.ts';
import { toaster } from '#lib/ui/toaster.svelte.ts';
import { readDropped } from './chosen-files.ts';
import './drop-target.css';
import type { Target } from './target.ts';
import { uploads } from './uploads.svelte.ts';

/** `folderId`: of the row inside the element that files are held over, when it stands for a folder. */
type TargetOf = (folderId?: string) => Target | null;

const folderSelector = '[data-folder]';

export function dropTarget(target: TargetOf, ondropped?: () => void): Attachment<HTMLElement> {
  return (element) => {
    let marked: HTMLElement | null = null;

    /** The folder under the pointer, or the element itself. */
    function placeOf({ target: at }: DragEvent): HTMLElement {
      const folder = at instanceof Element ? at.closest<HTMLElement>(folderSelector) : null;
      return folder && element.contains(folder) && target(folder.dataset.folder) ? folder : element;
    }

    function mark(place: HTMLElement | null) {
      if (place === marked) return;
      delete marked?.dataset.drop;
      if (place) place.dataset.drop = 'over';
      marked = place;
    }

    function over(event: DragEvent) {
      if (!carriesFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      const place = placeOf(event);
      const isTaken = target(place.dataset.folder) !== null;
      event.dataTransfer.dropEffect = isTaken ? 'copy' : 'none';
      mark(isTaken ? place : null);
    }

    /** Entering a child leaves its parent: only what is outside is left for good. */
    function leave(event: DragEvent) {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || !element.contains(to)) mark(null);
    }

    async function drop(event: DragEvent) {
      const to = target(placeOf(event).dataset.folder);
      mark(null);
      if (!carriesFiles(event) || !event.dataTransfer || !to) return;
      event.preventDefault();
      event.stopPropagation();
      try {
        const reading = readDropped(event.dataTransfer);
        ondropped?.();
        await uploads.add(to, await reading);
      } catch (error) {
        toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      }
    }

    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener('dragenter', over, { signal });
    element.addEventListener('dragover', over, { signal });
    element.addEventListener('dragleave', leave, { signal });
    element.addEventListener('drop', (event) => void drop(event), { signal });
    return () => stop.abort();
  };
}

export function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
