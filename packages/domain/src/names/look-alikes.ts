/** Recognises names that look alike. All names that a reader would take for the same have one key, for warnings and searches. */
import { nameKey } from './names.ts';
import { isBlank, isOtherSpace, latinLike } from './hidden-characters.ts';

/** Characters that Unicode defines as variants of others, and that look like them: `Ⅳ`, `ﬁ`, `…`, `Ａ`. */
const otherForms =
  /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\u2024-\u2026\u2160-\u217f\u2f00-\u2fdf\uf900-\ufaff\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffef\u{1d400}-\u{1d7ff}\u{2f800}-\u{2fa1f}]/gu;

/** Punctuation that people cannot tell apart, or that programs substitute. */
const otherSigns: [RegExp, string][] = [
  [/[\u02d7\u2010-\u2015\u2043\u2212\ufe58\ufe63]/g, '-'],
  [/[`\u00b4\u02b9\u02bb\u02bc\u05f3\u2018\u2019\u201b\u2032]/g, "'"],
  [/[\u02ba\u05f4\u201c-\u201f\u2033]/g, '"'],
  [/\u201a/g, ','],
  [/[\u2044\u2215\u29f8]/g, '/'],
  [/[\u02d0\u05c3\u2236\ua789]/g, ':'],
  [/[\u01c0\u2223\u2758]/g, '|'],
];

/**
 * A key that is equal for names that look the same. It serves warnings only: `nameKey` alone decides whether names are the
 * same. Similar characters of one alphabet stay different (`0` and `O`, `1` and `l`): file names are full of them, and fonts
 * show the difference.
 */
export function lookAlikeKey(name: string): string {
  const key = nameKey(name);
  if (/^[\x20-\x7e]*$/.test(key)) return key.replaceAll('`', "'").replace(/ +/g, ' ').trim();
  const plain = [...key]
    .map((letter) => (isOtherSpace(letter) ? ' ' : isBlank(letter) ? '' : letter))
    .join('');
  const spelled = plain.replace(otherForms, (letter) => letter.normalize('NFKC'));
  const signed = otherSigns.reduce((text, [signs, sign]) => text.replace(signs, sign), spelled);
  const latin = [...signed.normalize('NFD').toLowerCase()].map(latinLike).join('');
  return nameKey(latin).replace(/ +/g, ' ').trim();
}

/** The key to store beside `nameKey`; null when both are equal, as for nearly all names. */
export function storedLookAlikeKey(name: string): string | null {
  const key = lookAlikeKey(name);
  return key === nameKey(name) ? null : key;
}

/** Returns true when two different names look the same. */
export function lookAlike(one: string, other: string): boolean {
  return nameKey(one) !== nameKey(other) && lookAlikeKey(one) === lookAlikeKey(other);
}

/** Returns the names that look like another one in the list, each with the first such name. */
export function lookAlikesAmong(names: Iterable<string>): Map<string, string> {
  const found = new Map<string, string>();
  const first = new Map<string, string>();
  for (const name of names) {
    const key = lookAlikeKey(name);
    const other = first.get(key);
    if (other === undefined) first.set(key, name);
    else if (nameKey(other) !== nameKey(name)) {
      found.set(name, other);
      if (!found.has(other)) found.set(other, name);
    }
  }
  return found;
}
