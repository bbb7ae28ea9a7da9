/** Language tags (BCP 47), as files and people write them. */

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
/** They name no language: undetermined, several, one without a code, none at all. */
const noLanguage: readonly string[] = ['und', 'mul', 'mis', 'zxx'];

/** Returns the tag in its usual form: `en` for `eng`, `de` for `ger`, `pt-BR` for `pt_br`; null for what names no language. */
export function languageTag(text: string): string | null {
  try {
    const { language, baseName } = new Intl.Locale(text.trim().replaceAll('_', '-'));
    return noLanguage.includes(language) || names.of(language) === undefined ? null : baseName;
  } catch {
    return null;
  }
}

/** `es` does not contradict `es-419`, but `es-ES` contradicts `es-MX`. Returns false when a tag cannot be parsed. */
export function languagesDiffer(one: string, other: string): boolean {
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
