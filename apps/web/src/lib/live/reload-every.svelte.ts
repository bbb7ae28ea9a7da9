/** Reloads a page on a timer while people see it. For data whose changes no event announces. */
import { invalidate } from '$app/navigation';
import { live } from './live.svelte.ts';

const usualMs = 10_000;

/** Call it while the page initialises. `key` is what its load depends on. */
export function reloadEvery(key: string, ms: () => number = () => usualMs): void {
  $effect(() => {
    const timer = setInterval(() => {
      // While the hub restarts, a reload would replace the page by an error.
      if (!document.hidden && live.connected) void invalidate(key);
    }, ms());
    return () => clearInterval(timer);
  });
}
