/** Loads a picture for a player. Scales it down to the size of screens, because the player holds dozens of them. */
import type { Picture } from './frame-feed.ts';

/** Maximum size; the same as that of previews. */
const maxEdge = 1920;

/** Status codes after which another attempt would end the same way. */
const refusals = [403, 404, 415];

/** Returns null when the hub refuses the picture or the browser cannot decode it. Throws when another attempt may succeed. */
export async function loadPicture(
  href: string,
  signal: AbortSignal,
): Promise<{ picture: Picture; isReduced: boolean } | null> {
  const answer = await fetch(href, { signal });
  if (refusals.includes(answer.status)) return null;
  if (!answer.ok) throw new Error(`The hub answered ${answer.status}.`);
  const bytes = await answer.blob();
  return reduced(bytes).catch(() => null);
}

async function reduced(bytes: Blob): Promise<{ picture: Picture; isReduced: boolean }> {
  const whole = await createImageBitmap(bytes);
  const edge = Math.max(whole.width, whole.height);
  if (edge <= maxEdge) return { picture: whole, isReduced: false };
  try {
    const picture = await createImageBitmap(whole, {
      resizeWidth: Math.max(1, Math.round((whole.width * maxEdge) / edge)),
      resizeHeight: Math.max(1, Math.round((whole.height * maxEdge) / edge)),
      resizeQuality: 'medium',
    });
    return { picture, isReduced: true };
  } finally {
    whole.close();
  }
}
