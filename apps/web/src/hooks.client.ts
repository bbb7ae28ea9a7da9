// Uses the language in which the server rendered the page.
import type { HandleClientError } from '@sveltejs/kit/hooks';
import { httpStatus } from '@turnover/domain/errors';
import { baseLocale, isLocale, useLocale } from '@turnover/messages/locale';
import { idOf, reasonOf, reportOf } from '#lib/errors.ts';

const rendered = document.documentElement.lang;
useLocale(isLocale(rendered) ? rendered : baseLocale);

export const handleError: HandleClientError = ({ error, kind }) => {
  if (kind !== 'unknown') return;
  const report = reportOf(error);
  if (report)
    return { status: httpStatus[report.code], code: report.code, reason: reasonOf(report), id: idOf(report) };
  console.error(error);
};
