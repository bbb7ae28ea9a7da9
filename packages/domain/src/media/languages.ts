/** Language tags (BCP 47), as files and people write them. */

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
/** They name no language: undetermined, several, one without a code, none at all. */
const noLanguage: readonly string[] = ['und', 'mul', 'mis', 'zxx'];

/** Languages that are written forms of another: `no` does not say which Norwegian it is. */
const formsOf: Readonly<Record<string, readonly string[]>> = { no: ['nb', 'nn'] };
/**
 * The countries of `419`, Latin America and the Caribbean (UN M49), and the United States, whose Spanish belongs to it
 * (CLDR, parent locales).
 */
const latinAmerica =
  'AG AI AR AW BB BL BO BQ BR BS BV BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF MQ MS MX NI PA PE PR PY SR SV SX TC TT US UY VC VE VG VI'.split(
    ' ',
  );

/** Returns the tag in its usual form: `en` for `eng`, `de` for `ger`, `pt-BR` for `pt_br`; null for what names no language. */
export function languageTag(text: string): string | null {
  try {
    const { language, baseName } = new Intl.Locale(text.trim().replaceAll('_', '-'));
    return noLanguage.includes(language) || names.of(language) === undefined ? null : baseName;
  } catch {
    return null;
  }
}

/** `es` and `es-MX` do not contradict `es-419`, but `es-ES` contradicts both. Returns false when a tag cannot be parsed. */
export function languagesDiffer(one: string, other: string): boolean {
  try {
    const [first, second] = [new Intl.Locale(one), new Intl.Locale(other)];
    if (!isFormOf(first, second) && !isFormOf(second, first)) return true;
    const isKnown = (locale: Intl.Locale) => locale.script !== undefined || locale.region !== undefined;
    if (isKnown(first) && isKnown(second) && first.maximize().script !== second.maximize().script)
      return true;
    return regionsDiffer(first.region, second.region);
  } catch {
    return false;
  }
}

function isFormOf({ language }: Intl.Locale, { language: other }: Intl.Locale): boolean {
  return language === other || (formsOf[other]?.includes(language) ?? false);
}

/** A region of several countries differs only from a country that is known to be outside it. */
function regionsDiffer(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return false;
  if (isCountry(one) && isCountry(other)) return true;
  const [country, region] = isCountry(one) ? [one, other] : [other, one];
  return isCountry(country) && region === '419' && !latinAmerica.includes(country);
}

function isCountry(region: string): boolean {
  return /^[A-Z]{2}$/.test(region);
}
