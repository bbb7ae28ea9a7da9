/** Hashes one file at a time in a web worker, so that hashing a film does not block the page. */
import { hashFile } from './hash-file.ts';

export type HashTask = { file: Blob };
export type HashReport =
  { kind: 'progress'; fraction: number } | { kind: 'done'; checksum: string } | { kind: 'failed' };

const report = (message: HashReport) => self.postMessage(message);

self.addEventListener('message', ({ data }: MessageEvent<HashTask>) => {
  const { signal } = new AbortController();
  const onprogress = (fraction: number) => report({ kind: 'progress', fraction });
  hashFile(data.file, { signal, onprogress }).then(
    (checksum) => report({ kind: 'done', checksum }),
    // The file is gone or cannot be read; its upload will report that.
    () => report({ kind: 'failed' }),
  );
});
