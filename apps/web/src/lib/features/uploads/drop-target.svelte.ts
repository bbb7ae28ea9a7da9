/** Makes an element accept dropped files and folders, or explain why it does not. */
import type { Attachment } from 'svelte/attachments';
import { wordsForCaught } from '#lib/errors.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import * as m from '@turnover/messages/messages';
import { carriesFiles, notAFile, takeDropped } from './dropped.ts';
import './drop-target.css';
import type { Target } from './target.ts';
import { uploadDesk } from './upload-desk.svelte.ts';

/** `folderId`: the folder of the row under the pointer, if any. */
type TargetOf = (folderId?: string) => Target | { whyNot: string };

const folderSelector = '[data-folder]';

/** `name` is the name of the place as a whole; the row of a folder has its own. */
export function dropTarget(
  target: TargetOf,
  { name, ondropped }: { name?: () => string; ondropped?: () => void } = {},
): Attachment<HTMLElement> {
  return (element) => {
    let marked: HTMLElement | null = null;
    const label = document.createElement('p');
    label.className = 'drop-label';

    /** Returns the folder row under the pointer, or the element itself. */
    function placeOf({ target: at }: DragEvent): HTMLElement {
      const folder = at instanceof Element ? at.closest<HTMLElement>(folderSelector) : null;
      return folder && element.contains(folder) && takes(target(folder.dataset.folder)) ? folder : element;
    }

    function mark(place: HTMLElement | null, how: 'over' | 'refused' = 'over') {
      if (place === marked) return;
      delete marked?.dataset.drop;
      if (place) place.dataset.drop = how;
      marked = place;
      if (place) tell(place);
      else label.remove();
    }

    /** Shows over the page where the files would go, or why they cannot be dropped. */
    function tell(place: HTMLElement) {
      const to = target(place.dataset.folder);
      const where = place === element ? name?.() : place.dataset.name;
      label.textContent = takes(to)
        ? where
          ? m.uploads_drop_to({ name: where })
          : m.uploads_drop()
        : to.whyNot;
      label.dataset.tone = takes(to) ? 'ok' : 'refused';
      if (!label.isConnected) document.body.append(label);
    }

    function over(event: DragEvent) {
      if (!event.dataTransfer || isForText(event)) return;
      const isFile = carriesFiles(event);
      if (!isFile && notAFile(event.dataTransfer) === null) return;
      event.preventDefault();
      const place = placeOf(event);
      if (isFile) uploadDesk.prepare();
      const isTaken = isFile && takes(target(place.dataset.folder));
      // With the effect `none` the browser would not fire a drop event, and the person would not learn the reason.
      event.dataTransfer.dropEffect = 'copy';
      mark(place, isTaken ? 'over' : 'refused');
    }

    /** Handles `dragleave`, which also fires when the pointer enters a child; only leaving the element counts. */
    function leave(event: DragEvent) {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || !element.contains(to)) mark(null);
    }

    async function drop(event: DragEvent) {
      const to = target(placeOf(event).dataset.folder);
      mark(null);
      if (!event.dataTransfer || isForText(event)) return;
      const other = notAFile(event.dataTransfer);
      if (!carriesFiles(event) && other === null) return;
      event.preventDefault();
      event.stopPropagation();
      const refusal = other ? notFileWords[other]() : takes(to) ? null : to.whyNot;
      if (refusal !== null) return void toaster.show({ text: refusal, tone: 'warn' });
      if (!takes(to)) return;
      try {
        const dropped = takeDropped(event.dataTransfer);
        ondropped?.();
        const { uploads, readDropped } = await uploadDesk.load();
        await uploads.take(to, (reading) => readDropped(dropped, reading));
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
    return () => {
      stop.abort();
      label.remove();
    };
  };
}

function takes(to: Target | { whyNot: string }): to is Target {
  return !('whyNot' in to);
}

const notFileWords = { link: m.uploads_dropped_link, text: m.uploads_dropped_text };

/** Returns true for a text field, which takes dropped text itself. */
function isForText({ target }: DragEvent): boolean {
  return target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null;
}
