/** Decodes text files strictly, so that no byte is silently replaced by U+FFFD. */

/** Encodings to choose from. The first ones are recognised by their bytes; the others look alike. */
export const textEncodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'macintosh',
] as const;
export type TextEncoding = (typeof textEncodings)[number];

/** `isCertain`: the bytes prove the encoding. Windows-1252 is only what remains, and may be a similar one. */
export type DecodedText = { text: string; encoding: TextEncoding; isCertain: boolean };
/** `workbook`: a spreadsheet's own format. `binary`: not text. `other_encoding`: not in the chosen encoding. */
export type UndecodableText = { problem: 'workbook' | 'binary' | 'other_encoding' };

/**
 * Decodes by the byte order mark, else as UTF-16 where every other byte is zero, else as UTF-8, else as Windows-1252.
 * `chosen` overrides that.
 */
export function decodeText(bytes: Uint8Array, chosen?: TextEncoding): DecodedText | UndecodableText {
  if (workbooks.some((beginning) => beginning.every((byte, index) => bytes[index] === byte))) {
    return { problem: 'workbook' };
  }
  if (chosen) {
    const text = decoded(bytes, chosen);
    return text === null ? { problem: 'other_encoding' } : { text, encoding: chosen, isCertain: true };
  }
  const promised = markOf(bytes) ?? utf16OrderOf(bytes);
  if (promised === null && bytes.includes(0)) return { problem: 'binary' };
  const encoding = promised ?? 'utf-8';
  const text = decoded(bytes, encoding);
  if (text !== null) return { text, encoding, isCertain: true };
  if (promised?.startsWith('utf-16')) return { problem: 'binary' };
  return { text: decoded(bytes, 'windows-1252')!, encoding: 'windows-1252', isCertain: false };
}

/**
 * True for characters that no text has: the mark of lost characters, and controls that result from a wrong encoding.
 */
export function isDamaged(text: string): boolean {
  return /[\ufffd\u0080-\u009f]/.test(text) || !text.isWellFormed();
}

/** ZIP (xlsx, ods, numbers) and the older container of Office (xls). */
const workbooks = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
];

function markOf(bytes: Uint8Array): TextEncoding | null {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : null;
}

const sampleBytes = 4096;

/** Recognises UTF-16 without a mark: in Western text most pairs have a zero, nearly always on the same side. */
export function utf16OrderOf(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const sample = bytes.subarray(0, Math.min(bytes.length & ~1, sampleBytes));
  let [even, odd] = [0, 0];
  for (let at = 0; at < sample.length; at += 2) {
    if (sample[at] === 0) even++;
    if (sample[at + 1] === 0) odd++;
  }
  const pairs = sample.length / 2;
  if (odd > pairs * 0.4 && even < pairs * 0.1) return 'utf-16le';
  return even > pairs * 0.4 && odd < pairs * 0.1 ? 'utf-16be' : null;
}

/** Null when the bytes are not valid in this encoding. Leaves out a byte order mark. */
function decoded(bytes: Uint8Array, encoding: TextEncoding): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
