/** The language in force: on the server one per request, in the browser the one the page was rendered in. */
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

/** For the browser, where one page has one language. */
export function useLocale(locale: Locale): void {
  runtime.overwriteGetLocale(() => locale);
}

export type LocaleWishes = {
  cookie?: string | null;
  setting?: string | null;
  acceptLanguage?: string | null;
};

/** The cookie wins over the person's setting, that over what the browser asks for; else English. */
export function chooseLocale({ cookie, setting, acceptLanguage }: LocaleWishes): Locale {
  if (isLocale(cookie)) return cookie;
  if (isLocale(setting)) return setting;
  return acceptedLocale(acceptLanguage ?? '') ?? baseLocale;
}

/** Any English is our English; any Spanish, that of Spain included, is closer to es-419 than to English. */
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
