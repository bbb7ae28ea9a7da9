/** Archives: what somebody downloads together, and how the browser saves it as one ZIP. */
import { archiveUrlOf, type ArchiveView } from '@turnover/domain/archives/archives';
import { errorCodes } from '@turnover/domain/errors';
import type { EntryView } from '@turnover/domain/workspace/entries';
import { wordsForCaught } from '#lib/errors.ts';
import type { ReportedError } from '#lib/reported-error.ts';
import { requireOwnAnswer } from '#lib/foreign-answer.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';

/** Returns the archive of a folder, a sequence or a request, which has a fixed address. */
export function archiveOf(
  id: string,
  { name, files, sizeBytes }: Omit<ArchiveView, 'url' | 'listUrl'>,
  round?: number,
): ArchiveView {
  const url = archiveUrlOf(id);
  const of = round === undefined ? '' : `?round=${round}`;
  return { url: url + of, listUrl: `${url}/list.json${of}`, name: `${name}.zip`, files, sizeBytes };
}

export function archiveOfEntry({ id, name, files, sizeBytes }: EntryView): ArchiveView {
  return archiveOf(id, { name, files: files ?? 1, sizeBytes });
}

/** Saves the ZIP. Asks the hub first, because a browser shows no reason when a download fails. */
export async function saveZip({ url }: Pick<ArchiveView, 'url'>): Promise<void> {
  const refusal = await refusalOf(url);
  if (refusal) {
    toaster.show({ text: refusal, tone: 'bad' });
    return;
  }
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}

async function refusalOf(url: string): Promise<string | undefined> {
  try {
    if ((await fetch(url, { method: 'HEAD' })).ok) return undefined;
    const answer = requireOwnAnswer(await fetch(url));
    if (answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    const report = (await answer.json()) as ReportedError;
    const { wordsFor } = await import('#lib/error-words.ts');
    return wordsFor(errorCodes.includes(report.code) ? report : { code: 'unavailable' });
  } catch (error) {
    return wordsForCaught(error);
  }
}
