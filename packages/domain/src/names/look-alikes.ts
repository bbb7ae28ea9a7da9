/** Names that look alike: one key for all that a reader takes for the same, for warnings and for finding. */
import { nameKey } from './names.ts';
import { isBlank, isOtherSpace, latinLike } from './hidden-characters.ts';

/** Characters that Unicode itself calls another way of writing others, as far as they are drawn alike: `Ⅳ`, `ﬁ`, `…`, `Ａ`. */
const otherForms =
  /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\u2024-\u2026\u2160-\u217f\u2f00-\u2fdf\uf900-\ufaff\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffef\u{1d400}-\u{1d7ff}\u{2f800}-\u{2fa1f}]/gu;

/** Signs that people cannot tell apart, or whose programs put one for another. */
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
 * Equal for names that look the same. Only ever a reason to say so: names are the same by `nameKey` alone. Digits and letters
 * of one alphabet stay apart (`0` and `O`, `1` and `l`): the trade's names are full of them, and its fonts show them.
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

/** What is stored beside `nameKey`: nothing where both are the same, which nearly all are. */
export function storedLookAlikeKey(name: string): string | null {
  const key = lookAlikeKey(name);
  return key === nameKey(name) ? null : key;
}

/** Different names that a reader takes for one. */
export function lookAlike(one: string, other: string): boolean {
  return nameKey(one) !== nameKey(other) && lookAlikeKey(one) === lookAlikeKey(other);
}

/** Which of the names look like another of them, with the first one they look like. */
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
