/** The text of each reason, from the messages. A reason without text is a compiler error. */
import type { Locale } from '@turnover/domain/locales';
import type { ReasonCode } from '@turnover/domain/requests/reasons';
import * as m from '@turnover/messages/messages';

type Words = { name: string; description: string; prevention: string; cure: string };

/** Uses English for people who have not chosen a language. */
export function reasonWordsIn(chosen: Locale | null): (code: ReasonCode) => Words {
  const locale = chosen ?? 'en';
  return (code) => ({
    name: m[`reason_${code}_name`]({}, { locale }),
    description: m[`reason_${code}_description`]({}, { locale }),
    prevention: m[`reason_${code}_prevention`]({}, { locale }),
    cure: m[`reason_${code}_cure`]({}, { locale }),
  });
}
