/**
 * Finds the characters of a name that a reader cannot see or confuses with others: their positions, their names, and
 * the name with each of them spelled out. It refuses nothing; `nameProblem` does that. `docs/names.md` has the rules.
 */

/**
 * `space`: a space other than the plain one; `zero_width`: has no width; `direction`: changes the direction of text;
 * `control`: a control character; `variation`: selects a shape; `tag`, `filler`: shows nothing; `mark`: an accent without its
 * letter; `private`: private use, with a meaning for one program only; `letter`: from another alphabet than the rest of its word.
 */
export const hiddenKinds = [
  'space',
  'zero_width',
  'direction',
  'control',
  'variation',
  'tag',
  'filler',
  'mark',
  'private',
  'letter',
] as const;
export type HiddenKind = (typeof hiddenKinds)[number];

export type HiddenCharacter = {
  /** The start in the name and the length, both in UTF-16 units. */
  index: number;
  length: number;
  kind: HiddenKind;
  /** For example `U+202F`. */
  code: string;
  /** A short form of the Unicode name, for example `NNBSP`. */
  label: string;
};

/** Marks and overrides that change the direction of text. They make `exe.jpg` look like `gpj.exe`. */
const direction = /^[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f]$/;
// eslint-disable-next-line no-control-regex
const control = /^[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]$/;
const variation = /^[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u;
const tag = /^[\u{e0000}-\u{e007f}]$/u;
/** Characters that show nothing, although they count as letters, marks or pictures. */
// eslint-disable-next-line no-misleading-character-class -- each character stands alone
const filler = /^[\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u{13441}\u{13442}\u{16fe4}\u{1d159}]$/u;
const otherSpace = /^[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$/;
const ignorable = /^\p{Default_Ignorable_Code_Point}$/u;
const privateUse = /^[\p{Co}\p{Noncharacter_Code_Point}]$/u;
const combiningMark = /^[\p{Mn}\p{Me}]$/u;
const visibleAscii = /^[\x20-\x7e]*$/;

/**
 * Returns the hidden characters of a name, in order. Joiners that an emoji or a script needs do not count, because they
 * have a visible effect.
 */
export function hiddenIn(name: string): HiddenCharacter[] {
  if (visibleAscii.test(name)) return [];
  const letters = [...name];
  const foreign = foreignLetters(letters);
  const found: HiddenCharacter[] = [];
  let index = 0;
  for (const [at, letter] of letters.entries()) {
    const kind = foreign.has(at) ? 'letter' : kindOf(letters, at);
    if (kind) found.push({ index, length: letter.length, kind, ...namesOf(letter, kind) });
    index += letter.length;
  }
  return found;
}

/** Cuts the name at its hidden characters. `hidden` is null for the text between them. */
export function visibleParts(name: string): { text: string; hidden: HiddenCharacter | null }[] {
  const parts: { text: string; hidden: HiddenCharacter | null }[] = [];
  let from = 0;
  for (const hidden of hiddenIn(name)) {
    if (hidden.index > from) parts.push({ text: name.slice(from, hidden.index), hidden: null });
    from = hidden.index + hidden.length;
    parts.push({ text: name.slice(hidden.index, from), hidden });
  }
  if (from < name.length) parts.push({ text: name.slice(from), hidden: null });
  return parts;
}

/**
 * Writes hidden characters out as plain text: `3.45⟨NNBSP⟩PM.png`. Characters that can be seen come before their
 * label: `s⟨с CYRILLIC⟩ene`.
 */
export function visibleName(name: string): string {
  return visibleParts(name)
    .map(({ text, hidden }) => (hidden ? `⟨${isSeen(hidden) ? `${text} ` : ''}${hidden.label}⟩` : text))
    .join('');
}

/** Returns true for a character that is visible but looks like another. */
export function isSeen({ kind }: Pick<HiddenCharacter, 'kind'>): boolean {
  return kind === 'letter';
}

/** Returns true for text with directional marks, which no name may have. */
export function turnsDirection(name: string): boolean {
  return !visibleAscii.test(name) && [...name].some((letter) => direction.test(letter));
}

/** Returns true when no character of the name is visible. */
export function isInvisible(name: string): boolean {
  if (visibleAscii.test(name)) return name.trim() === '';
  return [...name].every((letter) => letter === ' ' || otherSpace.test(letter) || isBlank(letter));
}

/** Returns true for a character that shows nothing, wherever it is. */
export function isBlank(letter: string): boolean {
  return ignorable.test(letter) || control.test(letter) || filler.test(letter);
}

export function isOtherSpace(letter: string): boolean {
  return otherSpace.test(letter);
}

function kindOf(letters: readonly string[], at: number): HiddenKind | null {
  const letter = letters[at]!;
  if (visibleAscii.test(letter)) return null;
  if (direction.test(letter)) return 'direction';
  if (control.test(letter)) return 'control';
  if (otherSpace.test(letter)) return 'space';
  if (filler.test(letter)) return 'filler';
  if (tag.test(letter)) return isOfFlag(letters, at) ? null : 'tag';
  if (variation.test(letter)) return isOfShape(letters, at) ? null : 'variation';
  if (ignorable.test(letter)) return isNeededJoiner(letters, at) ? null : 'zero_width';
  if (privateUse.test(letter)) return 'private';
  // An accent has no letter of its own at the edge of the name, or after a space.
  const before = letters[at - 1];
  const isAlone = before === undefined || before === ' ' || otherSpace.test(before);
  return isAlone && combiningMark.test(letter) ? 'mark' : null;
}

const zeroWidthNonJoiner = '\u200c';
const zeroWidthJoiner = '\u200d';
const picture = /^\p{Extended_Pictographic}$/u;
/** Characters that may stand between a pictograph and the joiner after it. */
const ofPicture = /^[\ufe0f\u20e3\p{Emoji_Modifier}]$/u;
/** Scripts in which joining two letters, or separating them, changes the text. */
const joiningScript =
  /^[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mand}\p{scx=Nkoo}\p{scx=Mong}\p{scx=Adlm}\p{scx=Rohg}\p{scx=Phag}\p{scx=Mani}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Mymr}\p{scx=Khmr}\p{scx=Tibt}\p{scx=Bali}\p{scx=Java}\p{scx=Khar}\p{scx=Brah}\p{scx=Newa}]$/u;
const letterOrMark = /^[\p{L}\p{M}]$/u;

function isNeededJoiner(letters: readonly string[], at: number): boolean {
  const letter = letters[at]!;
  const next = letters[at + 1] ?? '';
  if (letter === zeroWidthJoiner) return joinsPictures(letters, at) || isJoining(letters[at - 1]);
  // A non-joiner at the edge of a word separates nothing, so the text does not need it.
  if (letter === zeroWidthNonJoiner) return isJoining(letters[at - 1]) && isJoining(next);
  return letter === '\u180e' && isJoining(letters[at - 1]) && isJoining(next);
}

function isJoining(letter = ''): boolean {
  return joiningScript.test(letter) && letterOrMark.test(letter) && !isBlank(letter);
}

/** Returns true for a joiner within an emoji: `👩‍🎤` is a woman, a joiner and a microphone. */
function joinsPictures(letters: readonly string[], at: number): boolean {
  let before = at - 1;
  while (before >= 0 && ofPicture.test(letters[before]!)) before -= 1;
  return picture.test(letters[before] ?? '') && picture.test(letters[at + 1] ?? '');
}

const digitOfKeycap = /^[0-9#*]$/;
const emoji = /^\p{Emoji}$/u;
/** Characters with registered variants: Han (for names of people), mathematics, and a few scripts. */
const hasVariants = /^[\p{scx=Han}\p{Sm}\p{scx=Mymr}\p{scx=Phag}\p{scx=Mani}]$/u;

/** Returns true for a variation selector after a character whose shape it chooses. */
function isOfShape(letters: readonly string[], at: number): boolean {
  const letter = letters[at]!;
  const before = letters[at - 1] ?? '';
  if (isBlank(before)) return false;
  if (/^[\u180b-\u180f]$/.test(letter)) return /^\p{scx=Mong}$/u.test(before);
  if (letter !== '\ufe0e' && letter !== '\ufe0f') return hasVariants.test(before);
  if (digitOfKeycap.test(before)) return letters[at + 1] === '\u20e3';
  return emoji.test(before);
}

const tagOfRegion = /^[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]$/u;
const endOfTags = '\u{e007f}';

/**
 * Returns true within a flag of a region: the flags of England, Scotland and Wales are a black flag, the letters of the
 * region as tags, and an end tag.
 */
function isOfFlag(letters: readonly string[], at: number): boolean {
  let from = at - Number(letters[at] === endOfTags);
  while (tagOfRegion.test(letters[from] ?? '')) from -= 1;
  let to = from + 1;
  while (tagOfRegion.test(letters[to] ?? '')) to += 1;
  return letters[from] === '\u{1f3f4}' && to > from + 1 && letters[to] === endOfTags && at <= to;
}

/** Small letters of other alphabets that look like a Latin letter, or whose capitals do. */
const drawnAs: Record<string, string> = Object.fromEntries(
  [
    // Cyrillic
    'аa вb сc ԁd еe һh нh іi јj кk ӏl мm оo рp ԛq ѕs тt уy үy хx ѡw ԝw ѵv',
    // Greek
    'αa βb ϲc εe ηh ιi ϳj κk μm νv οo ρp τt υy χx ζz',
    // Armenian
    'օo սu հh ոn',
    // Phonetic letters, which keyboards do not have
    'ɑa ɡg ɩi',
  ]
    .join(' ')
    .split(' ')
    .map((pair) => [pair[0]!, pair[1]!]),
);
const foreignAlphabets: [string, RegExp][] = [
  ['CYRILLIC', /^\p{Script=Cyrillic}$/u],
  ['GREEK', /^\p{Script=Greek}$/u],
  ['ARMENIAN', /^\p{Script=Armenian}$/u],
];
const latin = /^\p{Script=Latin}$/u;
const ofWord = /^\p{L}$/u;

/**
 * Returns the Latin letter that a small letter of another alphabet looks like; the letter itself when there is none.
 */
export function latinLike(letter: string): string {
  return drawnAs[letter] ?? letter;
}

/**
 * Returns the positions of letters that imitate Latin ones in words with Latin letters. A word with a foreign letter
 * that does not look Latin is intended: `HDкачество`, `Δt`.
 */
function foreignLetters(letters: readonly string[]): Set<number> {
  const found = new Set<number>();
  for (let from = 0; from < letters.length; from++) {
    let to = from;
    while (to < letters.length && ofWord.test(letters[to]!)) to += 1;
    if (to > from) for (const at of foreignIn(letters, from, to)) found.add(at);
    from = to;
  }
  return found;
}

function foreignIn(letters: readonly string[], from: number, to: number): number[] {
  const places = Array.from({ length: to - from }, (_, offset) => from + offset);
  const other = places.filter((at) => !latin.test(letters[at]!));
  const isMixed = other.length > 0 && other.length < places.length;
  const passForLatin = other.every((at) => {
    const letter = letters[at]!;
    return alphabetOf(letter) !== undefined && letter.toLowerCase() in drawnAs;
  });
  return isMixed && passForLatin ? other : [];
}

function alphabetOf(letter: string): string | undefined {
  return foreignAlphabets.find(([, pattern]) => pattern.test(letter))?.[0];
}

/** The short names from Unicode's charts. */
const labels: Record<number, string> = {
  0x00a0: 'NBSP',
  0x00ad: 'SHY',
  0x034f: 'CGJ',
  0x061c: 'ALM',
  0x115f: 'HCF',
  0x1160: 'HJF',
  0x1680: 'OGHAM SP',
  0x180b: 'FVS1',
  0x180c: 'FVS2',
  0x180d: 'FVS3',
  0x180e: 'MVS',
  0x180f: 'FVS4',
  0x2000: 'NQSP',
  0x2001: 'MQSP',
  0x2002: 'ENSP',
  0x2003: 'EMSP',
  0x2004: '3/MSP',
  0x2005: '4/MSP',
  0x2006: '6/MSP',
  0x2007: 'FSP',
  0x2008: 'PSP',
  0x2009: 'THSP',
  0x200a: 'HSP',
  0x200b: 'ZWSP',
  0x200c: 'ZWNJ',
  0x200d: 'ZWJ',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x2028: 'LSEP',
  0x2029: 'PSEP',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x202f: 'NNBSP',
  0x205f: 'MMSP',
  0x2060: 'WJ',
  0x2061: 'FA',
  0x2062: 'IT',
  0x2063: 'IS',
  0x2064: 'IP',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0x206a: 'ISS',
  0x206b: 'ASS',
  0x206c: 'IAFS',
  0x206d: 'AAFS',
  0x206e: 'NADS',
  0x206f: 'NODS',
  0x2800: 'BLANK',
  0x3000: 'IDSP',
  0x3164: 'HF',
  0xfeff: 'ZWNBSP',
  0xffa0: 'HWHF',
};
const controlLabels: Record<number, string> = {
  0: 'NUL',
  9: 'TAB',
  10: 'LF',
  13: 'CR',
  27: 'ESC',
  127: 'DEL',
};

function namesOf(letter: string, kind: HiddenKind): Pick<HiddenCharacter, 'code' | 'label'> {
  const point = letter.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return { code, label: labelOf(letter, point, kind) ?? code };
}

function labelOf(letter: string, point: number, kind: HiddenKind): string | undefined {
  if (kind === 'letter') return alphabetOf(letter);
  if (kind === 'tag')
    return point > 0xe0020 && point < 0xe007f ? `TAG ${String.fromCodePoint(point - 0xe0000)}` : 'TAG';
  if (point >= 0xfe00 && point <= 0xfe0f) return `VS${point - 0xfe00 + 1}`;
  if (point >= 0xe0100 && point <= 0xe01ef) return `VS${point - 0xe0100 + 17}`;
  return labels[point] ?? controlLabels[point];
}
