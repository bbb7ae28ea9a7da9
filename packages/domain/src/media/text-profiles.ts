/**
 * How long a line of subtitles may be and how fast one must read it, by language. The numbers are those of the
 * Netflix Timed Text Style Guides for programs for adults, the most common public specification; the other limits are
 * of its General Requirements.
 */

export type TextProfile = {
  charactersPerLine: number;
  charactersPerSecond: number;
  /** Letters of half the width, such as Latin ones, count half. */
  countsHalfWidth: boolean;
};

const latin: TextProfile = { charactersPerLine: 42, charactersPerSecond: 17, countsHalfWidth: false };
const square = (charactersPerLine: number, charactersPerSecond: number): TextProfile => ({
  charactersPerLine,
  charactersPerSecond,
  countsHalfWidth: true,
});

/** By the first part of the language tag. All other languages have 42 characters and 17 a second. */
const profiles: Record<string, TextProfile> = {
  en: { ...latin, charactersPerSecond: 20 },
  ja: square(13, 4),
  ko: square(16, 12),
  zh: square(16, 9),
  yue: square(16, 9),
  cmn: square(16, 9),
};

/** Without a language nothing is too fast that would be right in English. */
export function textProfileOf(language: string | null): TextProfile {
  if (language === null) return profiles.en!;
  const [first = ''] = language.toLowerCase().split('-');
  return Object.hasOwn(profiles, first) ? profiles[first]! : latin;
}

/** For each subtitle, whatever its language. */
export const cueLimits = { minMs: 5000 / 6, maxMs: 7000, lines: 2, gapFrames: 2 };
