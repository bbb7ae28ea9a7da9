/** Sends mails to a mail server by SMTP. Only this file uses nodemailer. */
import { createTransport } from 'nodemailer';
import type { MailFailure, Mail } from './mails.ts';

export type MailServer = {
  /** The address of the server, `smtp:` or `smtps:`, with user name and password. Never log it. */
  url: string;
  /** The sender: an address, or a name and an address. */
  from: string;
};

export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<void>;

const maxWaitMs = 30_000;
/** Some servers scan a mail for minutes before they accept it. */
const answerTimeoutMs = 5 * 60_000;

/** Opens one connection per mail. Mails are few, and the server may have closed an idle connection. */
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
      // An object, because nodemailer would split a string at commas into several addresses.
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      // Both are the same in each attempt, so that mail programs recognise a second copy.
      messageId: `<${mail.id}@${domain}>`,
      date: new Date(mail.createdAt),
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
  };
}

/** Describes a failed attempt for owners, without the server's name and password, and whether a retry is useless. */
export function describeMailFailure(error: unknown): MailFailure {
  const { code, responseCode, response, message } = error as Partial<SmtpError>;
  // Errors of the recipient or of the mail itself. A refused sign-in is an error of the configuration, which an owner can
  // fix.
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
