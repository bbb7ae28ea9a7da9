/**
 * Attachment (`{@attach}`) that calls back when a picture cannot be shown, even one that failed before hydration. An
 * `onerror` attribute would be rendered by the server as an inline handler, which the content security policy forbids.
 */
import type { Attachment } from 'svelte/attachments';

export function onBroken(act: () => void): Attachment<HTMLImageElement> {
  return (image) => {
    if (image.complete && image.naturalWidth === 0) act();
    image.addEventListener('error', act);
    return () => image.removeEventListener('error', act);
  };
}
