/** Composes a mail as text and as HTML, in the language of its recipient. */
import type { Compose } from '@turnover/core/notifications/next-mail';
import { baseLocale } from '@turnover/messages/locale';
import { withLocale } from '@turnover/messages/server-locale';
import { htmlOf } from './html.ts';
import { textOf, wordsOf } from './words.ts';

/** `publicUrl`: the address of the hub, for links. */
export function composeFor(publicUrl: string): Compose {
  return (batch) =>
    withLocale(batch.locale ?? baseLocale, () => {
      const words = wordsOf(batch, publicUrl);
      return { subject: words.subject, text: textOf(words), html: htmlOf(words) };
    });
}
