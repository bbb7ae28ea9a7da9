/** The bytes of a list as text: UTF-8, UTF-16 as PowerShell writes it, UTF-32, or Windows-1252 where it is none of these. */
import { utf16OrderOf } from '../text-encodings.ts';

export type ManifestEncoding = 'utf-8' | 'utf-16' | 'utf-32' | 'windows-1252';

/** `cut`: these are only the first bytes of a file, and may end within a character. */
export function decodeManifest(
  bytes: Uint8Array,
  { cut = false } = {},
): { text: string; encoding: ManifestEncoding } {
  const [b0, b1, b2, b3] = bytes;
  if (b0 === 0xff && b1 === 0xfe && b2 === 0 && b3 === 0) return utf32(bytes.subarray(4), true);
  if (b0 === 0 && b1 === 0 && b2 === 0xfe && b3 === 0xff) return utf32(bytes.subarray(4), false);
  if (b0 === 0xff && b1 === 0xfe) return utf16(bytes.subarray(2), 'utf-16le');
  if (b0 === 0xfe && b1 === 0xff) return utf16(bytes.subarray(2), 'utf-16be');
  const guessed = utf16OrderOf(bytes);
  if (guessed) return utf16(bytes, guessed);
  const start = b0 === 0xef && b1 === 0xbb && b2 === 0xbf ? 3 : 0;
  const body = bytes.subarray(start);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body, { stream: cut });
    return { text, encoding: 'utf-8' };
  } catch {
    return { text: windows1252(body), encoding: 'windows-1252' };
  }
}

function utf16(bytes: Uint8Array, order: 'utf-16le' | 'utf-16be') {
  const even = bytes.subarray(0, bytes.length & ~1);
  return { text: new TextDecoder(order, { ignoreBOM: true }).decode(even), encoding: 'utf-16' as const };
}

function utf32(bytes: Uint8Array, isLittle: boolean) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length & ~3);
  const parts: string[] = [];
  for (let at = 0; at < view.byteLength; at += 4) {
    const code = view.getUint32(at, isLittle);
    parts.push(code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code));
  }
  return { text: parts.join(''), encoding: 'utf-32' as const };
}

/** 0x80 to 0x9f. Bytes that Windows-1252 leaves undefined keep their Latin-1 meaning. */
const windowsLetters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Uses a table of its own, because some decoders call Latin-1 by this name. */
function windows1252(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    const codes = Array.from(bytes.subarray(start, start + 8192), (byte) =>
      byte >= 0x80 && byte <= 0x9f ? windowsLetters.charCodeAt(byte - 0x80) : byte,
    );
    parts.push(String.fromCharCode(...codes));
  }
  return parts.join('');
}
