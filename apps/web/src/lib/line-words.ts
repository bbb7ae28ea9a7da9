/** Texts that say why a text is not a valid line. */
import type { ErrorDetails } from '@turnover/domain/errors';
import type { LineProblem } from '@turnover/domain/names/lines';
import * as m from '@turnover/messages/messages';

const words: Record<LineProblem, (details: ErrorDetails) => string> = {
  empty: () => m.line_empty(),
  line_break: () => m.line_break(),
  hidden: ({ character }) => m.line_hidden({ character: String(character) }),
  direction: ({ character }) => m.line_direction({ character: String(character) }),
  too_long: ({ maxLength, length }) => m.line_too_long({ max: String(maxLength), length: String(length) }),
  not_unicode: () => m.line_not_unicode(),
};

/** Returns undefined when the details are about something else. */
export function wordsForLine(details: ErrorDetails): string | undefined {
  const { problem } = details;
  return typeof problem === 'string' && problem in words ? words[problem as LineProblem](details) : undefined;
}
