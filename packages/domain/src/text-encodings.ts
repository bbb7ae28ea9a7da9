/**
 * Recognises the encoding of a text file, and decodes it strictly, so that no byte is silently replaced by U+FFFD. Checksum lists are
 * decoded by `manifests/lenient-text.ts`.
 */

/**
 * The encodings to choose from. The first ones are recognised by their bytes; the others look alike.
 */
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

/**
 * `isCertain`: the bytes prove the encoding. Windows-1252 is the fallback, so the text may be in a similar encoding.
 */
export type DecodedText = { text: string; encoding: TextEncoding; isCertain: boolean };
/** `workbook`: a spreadsheet's own format. `binary`: not text. `other_encoding`: not in the chosen encoding. */
export type UndecodableText = { problem: 'workbook' | 'binary' | 'other_encoding' };

/**
 * Decodes by the byte order mark, else as UTF-16 when every other byte is zero, else as UTF-8, else as Windows-1252.
 * `chosen` overrides that.
 */
export function decodeText(bytes: Uint8Array, chosen?: TextEncoding): DecodedText | UndecodableText {
  if (workbooks.some((beginning) => beginsWith(bytes, beginning))) {
    return { problem: 'workbook' };
  }
  if (chosen) {
    const text = decoded(bytes, chosen);
    return text === null ? { problem: 'other_encoding' } : { text, encoding: chosen, isCertain: true };
  }
  const promised = recogniseEncoding(bytes)?.encoding;
  if (promised === undefined && bytes.includes(0)) return { problem: 'binary' };
  const encoding = promised ?? 'utf-8';
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return { problem: 'binary' };
  const text = decoded(bytes, encoding);
  if (text !== null) return { text, encoding, isCertain: true };
  if (encoding !== 'utf-8') return { problem: 'binary' };
  return { text: fromWindows1252(bytes), encoding: 'windows-1252', isCertain: false };
}

/**
 * Returns true for characters that no undamaged text contains: U+FFFD, and control characters that result from a wrong
 * encoding.
 */
export function isDamaged(text: string): boolean {
  return /[\ufffd\u0080-\u009f]/.test(text) || !text.isWellFormed();
}

/** First bytes of ZIP (xlsx, ods, numbers) and of the older container of Office (xls). */
const workbooks = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
];

type RecognisedEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

/** Byte order marks. UTF-32 comes first, because its mark begins with that of UTF-16. */
const marks: [RecognisedEncoding, number[]][] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
];

/** Returns the encoding that the byte order mark states, or UTF-16 that is recognised without one; null for neither. */
export function recogniseEncoding(
  bytes: Uint8Array,
): { encoding: RecognisedEncoding; markBytes: number } | null {
  const marked = marks.find(([, mark]) => beginsWith(bytes, mark));
  if (marked) return { encoding: marked[0], markBytes: marked[1].length };
  const encoding = utf16OrderOf(bytes);
  return encoding && { encoding, markBytes: 0 };
}

function beginsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte);
}

const sampleBytes = 4096;

/** Recognises UTF-16 without a mark: in Western text most pairs have a zero, nearly always on the same side. */
function utf16OrderOf(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
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

/** Decodes the bytes without their byte order mark; null when they are not valid in this encoding. */
function decoded(bytes: Uint8Array, encoding: TextEncoding): string | null {
  if (encoding === 'windows-1252') return fromWindows1252(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The characters for 0x80 to 0x9f. Bytes that Windows-1252 leaves undefined keep their Latin-1 meaning. */
const windowsLetters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Decodes Windows-1252 with a table of its own, because some decoders decode Latin-1 under this name. */
export function fromWindows1252(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    const codes = Array.from(bytes.subarray(start, start + 8192), (byte) =>
      byte >= 0x80 && byte <= 0x9f ? windowsLetters.charCodeAt(byte - 0x80) : byte,
    );
    parts.push(String.fromCharCode(...codes));
  }
  return parts.join('');
}
