// The browser speaks the language that the server rendered the page in.
import type { HandleClientError } from '@sveltejs/kit/hooks';
import { baseLocale, isLocale, useLocale } from '@turnover/messages/locale';

const rendered = document.documentElement.lang;
useLocale(isLocale(rendered) ? rendered : baseLocale);

export const handleError: HandleClientError = ({ error, kind }) => {
  if (kind === 'unknown') console.error(error);
};
