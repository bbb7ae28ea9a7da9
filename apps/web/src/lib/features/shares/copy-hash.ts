/** The checksum of a file on this computer, made slice by slice, so that one of any size fits into memory. */

const sliceBytes = 8 * 1024 * 1024;

type Options = { signal: AbortSignal; onprogress: (fraction: number) => void };

/** `xxh128:` and the value, as the hub knows it; throws when the file cannot be read or the work was given up. */
export async function hashCopy(file: Blob, { signal, onprogress }: Options): Promise<string> {
  // Only who checks a copy needs the code for it.
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
