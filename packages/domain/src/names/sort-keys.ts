/** Sort keys: the natural order of names as text that a database can compare byte by byte. */
import { nameKey } from './names.ts';

/**
 * Ignores case and accents and sorts numbers by value: `take2` before `take10`. Of two names that differ only in
 * accents, the one without comes first.
 */
export function sortKey(name: string): string {
  const plain = withoutAccents(name);
  const key = withNumbers(withNegative(plain));
  return plain === nameKey(name) ? key : `${key}\u0001${nameKey(name)}`;
}

/** The part of a `sortKey` for a searched text. Ignores case and accents. */
export function searchKey(text: string): string {
  return withNumbers(withoutAccents(text));
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * Encodes frames below zero, such as `shot.-002.exr`, with inverted digits: the larger the number, the earlier the
 * frame.
 */
function withNegative(text: string): string {
  return text.replace(/(^|[._ -])-(\d{1,20})(?=\.[^.]+$)/, (_, mark: string, digits: string) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    const turned = [...number].map((digit) => String.fromCharCode(0x69 - Number(digit))).join('');
    return `${mark}-${String.fromCharCode(0x7a - number.length)}${turned}`;
  });
}

/** Replaces a run of digits by `0`, its length in three digits, and the digits, so that a longer number is larger. */
function withNumbers(text: string): string {
  return text.replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    return `0${String(number.length).padStart(3, '0')}${number}`;
  });
}
