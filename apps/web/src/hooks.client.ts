// Uses the language in which the server rendered the page.
import type { ClientInit, HandleClientError } from '@sveltejs/kit/hooks';
import { httpStatus } from '@turnover/domain/errors';
import { loadTexts } from '@turnover/messages/load-texts';
import { baseLocale, isLocale, useLocale } from '@turnover/messages/locale';
import { idOf, reasonOf, reportOf } from '#lib/reported-error.ts';

const rendered = document.documentElement.lang;
const locale = isLocale(rendered) ? rendered : baseLocale;
useLocale(locale);
export const init: ClientInit = () => loadTexts(locale);

export const handleError: HandleClientError = ({ error, kind }) => {
  if (kind !== 'unknown') return;
  const report = reportOf(error);
  if (report)
    return { status: httpStatus[report.code], code: report.code, reason: reasonOf(report), id: idOf(report) };
  console.error(error);
};
