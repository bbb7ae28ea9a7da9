/**
 * How long a subtitle line may be and how fast the text may be read, by language. The numbers come from the Netflix
 * Timed Text Style Guides for adult programs, the most common public specification; the other limits come from its
 * General Requirements.
 */

export type TextProfile = {
  charactersPerLine: number;
  charactersPerSecond: number;
  /** Half-width characters, such as Latin letters, count as half a character. */
  countsHalfWidth: boolean;
};

const latin: TextProfile = { charactersPerLine: 42, charactersPerSecond: 17, countsHalfWidth: false };
const square = (charactersPerLine: number, charactersPerSecond: number): TextProfile => ({
  charactersPerLine,
  charactersPerSecond,
  countsHalfWidth: true,
});

/**
 * Profiles by the primary subtag of the language. All other languages have 42 characters per line and 17 per second.
 */
const profiles: Record<string, TextProfile> = {
  en: { ...latin, charactersPerSecond: 20 },
  ja: square(13, 4),
  ko: square(16, 12),
  zh: square(16, 9),
  yue: square(16, 9),
  cmn: square(16, 9),
};

/**
 * Returns the limits of a language. For an unknown language the limits of English apply, so that no correct text is
 * reported as too fast.
 */
export function textProfileOf(language: string | null): TextProfile {
  if (language === null) return profiles.en!;
  const [first = ''] = language.toLowerCase().split('-');
  return Object.hasOwn(profiles, first) ? profiles[first]! : latin;
}

/** Limits for every subtitle, whatever its language. */
export const cueLimits = { minMs: 5000 / 6, maxMs: 7000, lines: 2, gapFrames: 2 };
