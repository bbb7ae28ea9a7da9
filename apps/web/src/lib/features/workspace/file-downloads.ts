/** Downloads several files at once, each on its own. */
import type { EntryView } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { whyNotDownload } from './entry-words.ts';

/** Browsers ask before many downloads, and some drop downloads that start too quickly. */
const maxFiles = 20;
const pauseMs = 250;

/** Why the files cannot be downloaded; undefined: they can. Null entries: there are too many to be listed here. */
export function whyNotDownloadAll(entries: readonly EntryView[] | null): string | undefined {
  if (!entries || entries.length > maxFiles) return m.workspace_download_limit({ count: maxFiles });
  return entries.map(whyNotDownload).find((reason) => reason !== undefined);
}

export async function download(entries: readonly EntryView[]): Promise<void> {
  for (const { id } of entries) {
    const link = document.createElement('a');
    link.href = `/files/${id}`;
    link.download = '';
    link.click();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
