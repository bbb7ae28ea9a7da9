/**
 * For `{@attach}`: a picture that cannot be shown, also one that broke before the page came to life. An `onerror` would be written
 * into the page of the server as a handler, which its policy forbids.
 */
import type { Attachment } from 'svelte/attachments';

export function onBroken(act: () => void): Attachment<HTMLImageElement> {
  return (image) => {
    if (image.complete && image.naturalWidth === 0) act();
    image.addEventListener('error', act);
    return () => image.removeEventListener('error', act);
  };
}
