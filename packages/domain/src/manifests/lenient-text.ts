/**
 * Decodes the bytes of a checksum list as text, whatever they are. Unlike `decodeText` it refuses nothing: each line is
 * judged by itself, and a damaged one must not hide the others.
 */
import { fromWindows1252, recogniseEncoding } from '../text-encodings.ts';

export type ManifestEncoding = 'utf-8' | 'utf-16' | 'utf-32' | 'windows-1252';

/**
 * Decodes UTF-8, UTF-16 as PowerShell writes it, UTF-32, or else Windows-1252. `cut`: the bytes are only the beginning
 * of a file and may end within a character.
 */
export function decodeLeniently(
  bytes: Uint8Array,
  { cut = false } = {},
): { text: string; encoding: ManifestEncoding } {
  const { encoding, markBytes } = recogniseEncoding(bytes) ?? { encoding: 'utf-8', markBytes: 0 };
  const body = bytes.subarray(markBytes);
  if (encoding === 'utf-32le' || encoding === 'utf-32be') {
    return { text: fromUtf32(body, encoding === 'utf-32le'), encoding: 'utf-32' };
  }
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const even = body.subarray(0, body.length & ~1);
    return { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(even), encoding: 'utf-16' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body, { stream: cut });
    return { text, encoding: 'utf-8' };
  } catch {
    return { text: fromWindows1252(body), encoding: 'windows-1252' };
  }
}

function fromUtf32(bytes: Uint8Array, isLittle: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length & ~3);
  const parts: string[] = [];
  for (let at = 0; at < view.byteLength; at += 4) {
    const code = view.getUint32(at, isLittle);
    parts.push(code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code));
  }
  return parts.join('');
}
