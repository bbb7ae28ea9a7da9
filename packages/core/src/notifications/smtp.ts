/** Hands mails to a mail server by SMTP. The only place that knows nodemailer. */
import { createTransport } from 'nodemailer';
import type { MailFailure, Mail } from './mails.ts';

export type MailServer = {
  /** `smtp:` or `smtps:`, with name and password: never logged. */
  url: string;
  /** An address, or a name and an address. */
  from: string;
};

export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<void>;

const maxWaitMs = 30_000;
/** Some servers take their time to look at what they were given before they say yes. */
const answerTimeoutMs = 5 * 60_000;

/** One connection per mail: they are few, and none is kept open that the server may have closed meanwhile. */
export function openMailServer({ url, from }: MailServer): SendMail {
  const transport = createTransport({
    url,
    connectionTimeout: maxWaitMs,
    greetingTimeout: maxWaitMs,
    socketTimeout: answerTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^@>]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return async (mail, signal) => {
    await transport.sendMail({
      from,
      // As an object: nothing in an address is read as a list of several.
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      // Both are the mail's own, however often it is tried: a second copy is known for one.
      messageId: `<${mail.id}@${domain}>`,
      date: new Date(mail.createdAt),
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
  };
}

/** What an owner is told of a failed attempt, without name and password of the server, and whether trying on is of use. */
export function describeMailFailure(error: unknown): MailFailure {
  const { code, responseCode, response, message } = error as Partial<SmtpError>;
  // Of the recipient or of the mail itself; a server that refuses to let us in is for its owner to set right.
  const isOfMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const words = [code, response ?? message].filter((part) => part !== undefined).join(': ');
  return {
    message: withoutControls(words || 'The mail server did not answer.').slice(0, 300),
    isPermanent: isOfMail && responseCode !== undefined && responseCode >= 500,
  };
}

type SmtpError = { code: string; responseCode: number; response: string; message: string };

function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}
