/** Several files at once, each as a download of its own. */
import type { EntryView } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { whyNotDownload } from './entry-words.ts';

/** Browsers ask before many downloads, and some drop what comes too fast. */
const maxFiles = 20;
const pauseMs = 250;

/** Undefined: they can be; null for entries: too many to be known here. */
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
