/** Makes an element take dropped files and folders; null as a target: not now, and the drop is refused. */
import type { Attachment } from 'svelte/attachments';
import { wordsForCaught } from '#lib/errors.ts';
import { toaster } from '#lib/ui/toaster.svelte.ts';
import { readDropped } from './chosen-files.ts';
import './drop-target.css';
import type { Target } from './target.ts';
import { uploads } from './uploads.svelte.ts';

export function dropTarget(target: () => Target | null, ondropped?: () => void): Attachment<HTMLElement> {
  return (element) => {
    /** Entering a child leaves its parent: only when as many are left as were entered is it over. */
    let depth = 0;

    function mark(isOver: boolean) {
      if (isOver) element.dataset.drop = 'over';
      else delete element.dataset.drop;
    }

    function enter(event: DragEvent) {
      if (!carriesFiles(event)) return;
      depth += 1;
      mark(target() !== null);
    }

    function leave(event: DragEvent) {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) mark(false);
    }

    function over(event: DragEvent) {
      if (!carriesFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = target() ? 'copy' : 'none';
    }

    async function drop(event: DragEvent) {
      const to = target();
      depth = 0;
      mark(false);
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
    element.addEventListener('dragenter', enter, { signal });
    element.addEventListener('dragleave', leave, { signal });
    element.addEventListener('dragover', over, { signal });
    element.addEventListener('drop', (event) => void drop(event), { signal });
    return () => stop.abort();
  };
}

export function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
