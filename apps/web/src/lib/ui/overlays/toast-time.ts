/** How long a toast is shown. */
import type { Tone } from '../text/icon.ts';

const plainMs = 5_000;
const errorMs = 10_000;
/** About 200 words per minute. */
const readingMsPerCharacter = 60;
/** Long enough to read it, decide and reach the button. */
const withActionMs = 10_000;

/** Returns how long the toast is shown: at least the time to read its text. */
export function shownMs({ text, tone, action }: { text: string; tone: Tone; action?: unknown }): number {
  const leastMs = action ? withActionMs : tone === 'bad' ? errorMs : plainMs;
  return Math.max(leastMs, text.length * readingMsPerCharacter);
}
