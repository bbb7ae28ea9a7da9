/** Whether several files can be downloaded at once. */
import type { EntryView } from '@turnover/domain/workspace/entries';
import { maxDownloads } from '#lib/download-files.ts';
import * as m from '@turnover/messages/messages';
import { whyNotDownload } from './entry-words.ts';

/** Why the files cannot be downloaded; undefined: they can. Null entries: there are too many to be listed here. */
export function whyNotDownloadAll(entries: readonly EntryView[] | null): string | undefined {
  if (!entries || entries.length > maxDownloads) return m.workspace_download_limit({ count: maxDownloads });
  return entries.map(whyNotDownload).find((reason) => reason !== undefined);
}
