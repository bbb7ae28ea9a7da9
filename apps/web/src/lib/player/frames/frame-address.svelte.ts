/** The frame in the address of a sequence, so that a copied address opens the player at the frame that was shown. */
import { replaceState } from '$app/navigation';
import { page } from '$app/state';
import type { PlayedSequence } from './played-sequence.svelte.ts';

/** Frames that playing or dragging only passes over do not enter the address. */
const restMs = 300;

/** Null: the address names none. */
export function frameInAddress(url: URL): number | null {
  const written = url.searchParams.get('frame');
  return written !== null && /^-?\d{1,9}$/.test(written) ? Number(written) : null;
}

/** Call this while a component initialises. */
export function keepFrameInAddress({ playback }: Pick<PlayedSequence, 'playback'>): void {
  const opened = playback.frame;
  let isFirst = true;
  $effect(() => {
    const { frame, speed } = playback;
    if (isFirst && frame === opened) return;
    isFirst = false;
    if (speed !== 0) return;
    const timer = setTimeout(() => {
      const url = new URL(page.url.href);
      url.searchParams.set('frame', String(frame));
      replaceState(url, page.state);
    }, restMs);
    return () => clearTimeout(timer);
  });
}
