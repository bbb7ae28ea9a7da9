/** Loads the texts of a language. The browser's build replaces this module; elsewhere all texts are in memory already. */
import type { Locale } from './locale.ts';

export async function loadTexts(_locale: Locale): Promise<void> {}
