/** Downloads what somebody chose into a folder of their computer, where the browser can write there. */
import type { ArchiveView, ListedFileView } from '@turnover/domain/archives/archives';
import { wordsForCaught } from '#lib/errors.ts';
import type { ReportedError } from '#lib/reported-error.ts';
import { requireOwnAnswer } from '#lib/foreign-answer.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { diskDownloads } from './disk-downloads.svelte.ts';
import type { DiskFolder } from './save-files.ts';

type Picker = (options: { mode: 'readwrite'; id: string }) => Promise<DiskFolder & { name: string }>;

const longestWaitMs = 15_000;

function picker(): Picker | undefined {
  return (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker;
}

/** Only browsers on a secure page can: Chromium and its kin. */
export function canSaveToFolder(): boolean {
  return picker() !== undefined;
}

/** Call it when a button is pressed: browsers open the choice of a folder only then. */
export async function downloadToFolder(prepare: () => ArchiveView | Promise<ArchiveView>): Promise<void> {
  const root = await picker()!({ mode: 'readwrite', id: 'turnover' }).catch(() => null);
  if (!root) return;
  try {
    const archive = await prepare();
    const list = await listOf(archive);
    const [{ DiskDownload }, { createXXHash128 }] = await Promise.all([
      import('./disk-download.svelte.ts'),
      import('hash-wasm'),
    ]);
    const place = { name: archive.name.replace(/\.zip$/, ''), root, folder: root.name };
    const download = new DiskDownload(place, list, { read, newHasher: createXXHash128, wait });
    diskDownloads.add(download);
    await download.run();
  } catch (error) {
    toaster.show({ text: wordsForCaught(error), tone: 'bad' });
  }
}

async function listOf({ listUrl }: ArchiveView): Promise<ListedFileView[]> {
  const answer = requireOwnAnswer(await fetch(listUrl));
  if (!answer.ok) {
    const { wordsFor } = await import('#lib/error-words.ts');
    throw new Error(wordsFor((await answer.json()) as ReportedError));
  }
  return ((await answer.json()) as { files: ListedFileView[] }).files;
}

async function read(url: string, from: number, signal: AbortSignal) {
  const answer = requireOwnAnswer(await fetch(url, { headers: { range: `bytes=${from}-` }, signal }));
  if (!answer.body || !(answer.status === 206 || (answer.status === 200 && from === 0))) {
    throw new Error(`The hub answered with ${answer.status}.`);
  }
  return answer.body;
}

/** Longer with each failure, and no longer than the connection is known to be gone. */
function wait(failures: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.min(longestWaitMs, 500 * 2 ** failures));
    addEventListener('online', () => resolve(), { once: true, signal });
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
