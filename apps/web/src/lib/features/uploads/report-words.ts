/** A short summary of the report on a drop. */
import * as m from '@turnover/messages/messages';
import { formatNumber } from '#lib/format.ts';
import type { DropReport } from './drop-report.ts';

export function readWords({ files, unreadable }: Pick<DropReport, 'files' | 'unreadable'>): string {
  return m.uploads_report_read({
    read: formatNumber(files),
    all: formatNumber(files + unreadable.length),
  });
}

/** Returns the summary; the most serious kinds come first. */
export function reportWords(report: Omit<DropReport, 'id'>): string[] {
  const { unreadable, unfinished, alike, hidden, foldersLeftOut, litter } = report;
  const said = (list: readonly unknown[], words: (input: { count: number }) => string) =>
    list.length > 0 ? [words({ count: list.length })] : [];
  return [
    ...(unreadable.length > 0 ? [readWords(report)] : []),
    ...said(unfinished, m.uploads_report_unfinished),
    ...said(alike, m.uploads_report_alike),
    ...said(hidden, m.uploads_report_hidden),
    ...said(foldersLeftOut, m.uploads_report_folders),
    ...said(litter, m.uploads_report_litter),
  ];
}
