/** The batches of this tab, stored in the browser, and batches that an earlier page left unfinished. */
import type { UploadView } from '@turnover/domain/workspace/uploads';
import { batchFolder, Batches, heartbeatMs, isSameBatch, type Batch } from './batches.ts';
import type { ChosenFile, Target } from './target.ts';

type Sent = { target: Target; relativePath: string };

export class BatchKeeper {
  /** Batches whose folder has to be chosen again. */
  left = $state.raw<readonly Batch[]>([]);
  #store: Batches | null = null;
  #running: Batch[] = [];

  /** Starts to store batches for this person. Returns a function that stops it. */
  open(personId: string): () => void {
    this.#store = new Batches(localStorage, personId);
    this.look();
    const beat = setInterval(() => this.#write(true), heartbeatMs);
    const leave = () => this.#write(false);
    addEventListener('pagehide', leave);
    return () => {
      clearInterval(beat);
      removeEventListener('pagehide', leave);
    };
  }

  /** Updates the list, because other tabs begin and end batches too. */
  look(): void {
    const running = this.#running;
    const left = this.#store?.left(Date.now()) ?? [];
    this.left = left.filter((batch) => !running.some((each) => isSameBatch(each, batch)));
  }

  /** Begins a batch. Files in `alreadyThere` count as arrived. */
  begin(target: Target, files: readonly ChosenFile[], alreadyThere: readonly ChosenFile[]): void {
    for (const { relativePath } of files) this.#change({ target, relativePath }, { files: 1 });
    for (const { relativePath } of alreadyThere) {
      this.#change({ target, relativePath }, { files: 1, arrived: 1 });
    }
    this.#write(true);
    this.look();
  }

  arrived(sent: readonly Sent[]): void {
    if (sent.length === 0) return;
    for (const each of sent) this.#change(each, { arrived: 1 });
    this.#write(true);
  }

  /** Removes files from the batch that the person no longer wants. */
  dropped(sent: readonly Sent[]): void {
    for (const each of sent) this.#change(each, { files: -1 });
    this.#write(true);
  }

  forget(batch: Batch): void {
    this.#store?.forget(batch);
    this.look();
  }

  #change({ target, relativePath }: Sent, { files = 0, arrived = 0 }: Partial<Batch>): void {
    const { projectId, folderId, requestId } = target;
    const key = { projectId, folderId, requestId, folder: batchFolder(relativePath) };
    let batch = this.#running.find((each) => isSameBatch(each, { ...each, ...key }));
    if (!batch) {
      batch = { ...key, files: 0, arrived: 0, at: 0, isOpen: true };
      this.#running.push(batch);
    }
    batch.files += files;
    batch.arrived += arrived;
  }

  #write(isOpen: boolean): void {
    const now = Date.now();
    for (const batch of this.#running) {
      if (batch.arrived >= batch.files) this.#store?.forget({ ...batch, at: now });
      else this.#store?.put({ ...batch, at: now, isOpen });
    }
    this.#running = this.#running.filter(({ files, arrived }) => arrived < files);
  }
}

/** Returns true when the unfinished upload is a file of the batch. */
export function isOfBatch(batch: Batch, upload: UploadView): boolean {
  const { projectId, requestId, folderId, folder } = batch;
  if (upload.projectId !== projectId || upload.requestId !== requestId) return false;
  const path = upload.relativePath || upload.filename;
  // A file of a chosen folder is in the folder that was created for it, not in the target itself.
  return batchFolder(path) === folder && (folder !== null || upload.folderId === folderId);
}
