/** Finds the language that the name of a file states, and compares it with the one in the file. */

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

/** `es` does not contradict `es-419`, but `es-ES` contradicts `es-MX`. Returns false when a tag cannot be parsed. */
export function differ(one: string, other: string): boolean {
  try {
    const [first, second] = [new Intl.Locale(one), new Intl.Locale(other)];
    if (first.language !== second.language) return true;
    const isKnown = (locale: Intl.Locale) => locale.script !== undefined || locale.region !== undefined;
    if (isKnown(first) && isKnown(second) && first.maximize().script !== second.maximize().script)
      return true;
    const isCountry = (region: string | undefined) => /^[A-Z]{2}$/.test(region ?? '');
    return isCountry(first.region) && isCountry(second.region) && first.region !== second.region;
  } catch {
    return false;
  }
}
