/** Order of names as people expect it, as text that a database can compare byte by byte. */
import { nameKey } from './names.ts';

/**
 * Letters without case and accents, numbers by their value: `take2` before `take10`. Of two names that differ in accents
 * alone the one without comes first.
 */
export function sortKey(name: string): string {
  const plain = withoutAccents(name);
  const key = withNumbers(withNegative(plain));
  return plain === nameKey(name) ? key : `${key}\u0001${nameKey(name)}`;
}

/** What a name's `sortKey` contains when the name contains the text, without regard to case and accents. */
export function searchKey(text: string): string {
  return withNumbers(withoutAccents(text));
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Frames before zero, `shot.-002.exr`: the greater the number, the earlier. Their digits are turned round. */
function withNegative(text: string): string {
  return text.replace(/(^|[._ -])-(\d{1,20})(?=\.[^.]+$)/, (_, mark: string, digits: string) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    const turned = [...number].map((digit) => String.fromCharCode(0x69 - Number(digit))).join('');
    return `${mark}-${String.fromCharCode(0x7a - number.length)}${turned}`;
  });
}

/** A run of digits becomes `0`, its length in three digits and the digits: a longer number is a larger one. */
function withNumbers(text: string): string {
  return text.replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    return `0${String(number.length).padStart(3, '0')}${number}`;
  });
}
