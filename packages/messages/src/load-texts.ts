/** Loads the texts of a language. Only the browser's build has to, and replaces this module: elsewhere they are all there. */
import type { Locale } from './locale.ts';

export async function loadTexts(_locale: Locale): Promise<void> {}
