/** Distinguishes text from binary data by the beginning of a file, and decodes it. */
import { recogniseEncoding } from '@turnover/domain/text-encodings';

export type SampleText = { text: string; encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252' };

/** Returns null for binary content. The bytes may end within a character. */
export function textOf(sample: Buffer): SampleText | null {
  const { encoding, markBytes } = recogniseEncoding(sample) ?? { encoding: 'utf-8', markBytes: 0 };
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return null;
  const body = sample.subarray(markBytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(body, { stream: true });
    return hasControls(text) ? null : { text, encoding: encoding === 'utf-8' ? 'UTF-8' : 'UTF-16' };
  } catch {
    const text = body.toString('latin1');
    if (encoding !== 'utf-8' || hasControls(text) || !isMostlyPlain(text)) return null;
    return { text, encoding: 'Windows-1252' };
  }
}

/**
 * Returns true when the text has control characters other than tab, line feed, form feed, carriage return, escape, and
 * the end of file mark of DOS.
 */
function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\x00-\x08\x0b\x0e-\x19\x1c-\x1f\x7f]/.test(text);
}

/** Returns true when few letters are outside ASCII, as in Western languages. */
function isMostlyPlain(latin: string): boolean {
  return latin.replace(/[\x20-\x7e\s]/g, '').length < latin.length * 0.4;
}
