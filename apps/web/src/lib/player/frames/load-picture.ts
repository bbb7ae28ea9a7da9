/** Reads a picture for a player, no larger than screens need: some dozen are held at a time. */
import type { Picture } from './frame-feed.ts';

/** The same as that of previews. */
const maxEdge = 1920;

/** Null: the hub does not give it. */
export async function loadPicture(
  href: string,
  signal: AbortSignal,
): Promise<{ picture: Picture; isReduced: boolean } | null> {
  const answer = await fetch(href, { signal });
  if (!answer.ok) return null;
  const whole = await createImageBitmap(await answer.blob());
  const edge = Math.max(whole.width, whole.height);
  if (edge <= maxEdge) return { picture: whole, isReduced: false };
  const picture = await createImageBitmap(whole, {
    resizeWidth: Math.max(1, Math.round((whole.width * maxEdge) / edge)),
    resizeHeight: Math.max(1, Math.round((whole.height * maxEdge) / edge)),
    resizeQuality: 'medium',
  });
  whole.close();
  return { picture, isReduced: true };
}
