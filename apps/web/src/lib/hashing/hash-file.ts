/** Hashes a file of this computer slice by slice, so that a file of any size fits into memory. */

const sliceBytes = 8 * 1024 * 1024;

type Options = { signal: AbortSignal; onprogress: (fraction: number) => void };

/** Returns `xxh128:` and the hash, as the hub stores it. Throws when the file cannot be read or the signal aborts. */
export async function hashFile(file: Blob, { signal, onprogress }: Options): Promise<string> {
  // The hashing library is loaded only when a file is hashed.
  const { createXXHash128 } = await import('hash-wasm');
  const hasher = await createXXHash128();
  for (let from = 0; from < file.size; from += sliceBytes) {
    signal.throwIfAborted();
    const slice = file.slice(from, from + sliceBytes);
    hasher.update(new Uint8Array(await slice.arrayBuffer()));
    onprogress(Math.min(1, (from + sliceBytes) / file.size));
  }
  signal.throwIfAborted();
  return `xxh128:${hasher.digest()}`;
}
