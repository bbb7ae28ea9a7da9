/** Hashes files one after the other in a web worker. */
import type { HashReport, HashTask } from './hash-worker.ts';

export class BackgroundHasher {
  #worker: Worker | null = null;
  #giveUp = () => {};

  /** Returns the checksum in the hub's notation; null for a file that cannot be read, and after `end`. */
  hash(file: Blob, onprogress: (fraction: number) => void): Promise<string | null> {
    const worker = (this.#worker ??= new Worker(new URL('./hash-worker.ts', import.meta.url), {
      type: 'module',
    }));
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(null);
      worker.onerror = () => reject(new Error('The worker that hashes files has failed.'));
      worker.onmessage = ({ data }: MessageEvent<HashReport>) => {
        if (data.kind === 'progress') onprogress(data.fraction);
        else resolve(data.kind === 'done' ? data.checksum : null);
      };
      worker.postMessage({ file } satisfies HashTask);
    });
  }

  /** Stops at once, even in the middle of a file. */
  end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#giveUp();
  }
}
