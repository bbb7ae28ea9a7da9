/** The content of a mail in the language of its recipient: one subject, and the lines of both its text and its HTML. */
import type { MailBatch, MailedNotification } from '@turnover/core/notifications/next-mail';
import { baseLocale, type Locale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import {
  notificationDetails,
  notificationNote,
  notificationSentence,
} from '@turnover/messages/notification-words';

export type MailItem = {
  sentence: string;
  details: string[];
  /** Text of the note, possibly of several lines. Empty without a note. */
  note: string;
  /** Null when the notification has no page. */
  link: string | null;
};

export type MailWords = {
  locale: Locale;
  subject: string;
  items: MailItem[];
  /** States how many notifications are not listed; null when all are. */
  more: string | null;
  open: string;
  /** Explains why the person gets this mail, and names the settings page that changes it. */
  why: string;
  account: string | null;
};

/** Dates are in UTC: the recipient's time zone is unknown, and the server's would be arbitrary. */
const zone = { timeZone: 'UTC' };
/** The most characters of a subject. Mail programs show about half of it, and some servers refuse header lines over 998 bytes. */
const maxSubject = 180;

/** Call it while the recipient's locale is set. */
export function wordsOf(
  { locale, notifications, more, hasAccount }: MailBatch,
  publicUrl: string,
): MailWords {
  const items = notifications.map((notification) => itemOf(notification, publicUrl));
  const account = new URL('/account', publicUrl).href;
  return {
    locale: locale ?? baseLocale,
    subject: subjectOf(items, more),
    items,
    more: more > 0 ? m.mail_more({ count: more }) : null,
    open: m.mail_open(),
    why: hasAccount ? m.mail_choose() : m.mail_why_stranger(),
    account: hasAccount ? account : null,
  };
}

function itemOf(notification: MailedNotification, publicUrl: string): MailItem {
  const { project, data } = notification;
  const details = notificationDetails(notification, zone).map(oneLine);
  const sentence = oneLine(notificationSentence(notification, zone));
  const namesProject = project === null || sentence.includes(project);
  return {
    sentence,
    details: namesProject ? details : [...details, oneLine(m.mail_project({ project }))],
    note: withoutControls(notificationNote(notification)),
    link: linkTo(data.href, publicUrl),
  };
}

function subjectOf(items: readonly MailItem[], more: number): string {
  const first = items[0]?.sentence ?? '';
  const others = items.length - 1 + more;
  return others > 0
    ? m.mail_subject_more({ first: shorten(first, maxSubject - 20), count: others })
    : shorten(first, maxSubject);
}

/** Returns a link only when it leads into this hub, whatever the notification contains. */
function linkTo(href: MailedNotification['data'][string] | undefined, publicUrl: string): string | null {
  if (typeof href !== 'string' || !URL.canParse(href, publicUrl)) return null;
  const link = new URL(href, publicUrl);
  return link.origin === new URL(publicUrl).origin ? link.href : null;
}

export function textOf({ items, more, open, why, account }: MailWords): string {
  const blocks = items.map(({ sentence, details, note, link }) => [
    sentence,
    ...details,
    ...(note === '' ? [] : ['', ...note.split('\n').map((line) => `> ${line}`.trimEnd())]),
    ...(link === null ? [] : ['', `${open}: ${link}`]),
  ]);
  const all = [...blocks, ...(more === null ? [] : [[more]]), ['-- ', why, ...(account ? [account] : [])]];
  return all.map((lines) => lines.join('\n')).join('\n\n');
}

/** Replaces line breaks and removes text direction marks, because names appear in the subject. */
function oneLine(text: string): string {
  return withoutControls(text).replaceAll(/\s+/g, ' ').trim();
}

/** Replaces control characters and text direction marks with spaces, but keeps line feeds. */
function withoutControls(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?!\n)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ');
}

/** Counts characters as people see them (graphemes), and cuts the text at `length`. */
function shorten(text: string, length: number): string {
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join('')}…`;
}
