/** Flags of names that a request with strict names refuses. */
import * as m from '@turnover/messages/messages';

export const looseNameWords = { spaces: m.name_has_spaces, characters: m.name_has_characters };
