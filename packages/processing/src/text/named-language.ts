/** Finds the language that the name of a file states. */

const kinds = /^(?:sub|subs|subtitles?|sdh|fn|forced|cc|captions?|dub|full|final|v\d+|\d{2,5}(?:fps)?)$/i;
const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Returns the language tag in a file name: `es` for `feature_v02_spa_SDH.ttml`, `pt-BR` for `feature.pt-BR.srt`; null without one. */
export function languageInName(name: string): string | null {
  const parts = name
    .replace(/^.*\//s, '')
    .replace(/\.[^.]*$/, '')
    .split(/[._\s]+/);
  while (parts.length > 1 && kinds.test(parts.at(-1)!)) parts.pop();
  // The first part is the title.
  if (parts.length < 2) return null;
  const [before = '', last = ''] = [parts.length > 2 ? parts.at(-2)! : '', parts.at(-1)!];
  const withRegion =
    /^[A-Z]{2}$/.test(last) && /^[a-z]{2}$/.test(before) ? languageOf(`${before}-${last}`) : null;
  return withRegion ?? languageOf(last);
}

/**
 * Returns a language that has a two-letter code; most words of three letters are the code of some language, so those do
 * not count.
 */
function languageOf(part: string): string | null {
  if (!/^[a-z]{2,3}(?:-[a-z\d]{2,4}){0,2}$/i.test(part)) return null;
  try {
    const { language, baseName } = new Intl.Locale(part);
    return language.length === 2 && names.of(language) !== undefined ? baseName : null;
  } catch {
    return null;
  }
}
