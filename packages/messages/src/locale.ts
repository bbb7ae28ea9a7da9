/** The current language: one per request on the server, and the language of the rendered page in the browser. */
import * as runtime from './paraglide/runtime.js';

export const locales = runtime.locales;
export type Locale = (typeof locales)[number];
export const baseLocale: Locale = runtime.baseLocale;
export const localeCookie = 'turnover_locale';

export function isLocale(value: unknown): value is Locale {
  return runtime.isLocale(value);
}

export function getLocale(): Locale {
  return runtime.getLocale();
}

/** Sets the language in the browser, where a page has only one. */
export function useLocale(locale: Locale): void {
  runtime.overwriteGetLocale(() => locale);
}

export type LocaleWishes = {
  cookie?: string | null;
  setting?: string | null;
  acceptLanguage?: string | null;
};

/** Chooses the language: the cookie's, then the person's setting, then the browser's languages, then English. */
export function chooseLocale({ cookie, setting, acceptLanguage }: LocaleWishes): Locale {
  if (isLocale(cookie)) return cookie;
  if (isLocale(setting)) return setting;
  return acceptedLocale(acceptLanguage ?? '') ?? baseLocale;
}

/**
 * Returns the language that fits the header. Any English maps to ours. Any Spanish, even that of Spain, is closer to
 * es-419 than to English.
 */
function acceptedLocale(header: string): Locale | undefined {
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { language: tag.split('-')[0], quality: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { language } of wanted) {
    const found = locales.find((locale) => locale.split('-')[0] === language);
    if (found) return found;
  }
  return undefined;
}
