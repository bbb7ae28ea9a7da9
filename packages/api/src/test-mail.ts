/** The words of the mail by which an owner tries the mail server. */
import type { TestMail } from '@turnover/core/notifications/outbox';
import type { Locale } from '@turnover/domain/locales';
import * as m from '@turnover/messages/messages';

/** Uses English for people who have not chosen a language. */
export function testMailIn(chosen: Locale | null): TestMail {
  const locale = chosen ?? 'en';
  const text = m.outbox_test_text({}, { locale });
  const subject = m.outbox_test_subject({}, { locale });
  return {
    subject,
    text: `${text}\n`,
    html: `<!doctype html><html lang="${locale}"><body><p>${text}</p></body></html>`,
  };
}
