/** Renders a mail as HTML that every mail program can display: plain blocks, inline styles, no external resources. */
import type { MailItem, MailWords } from './words.ts';

const styles = {
  body: 'margin:0;padding:24px 16px;background:#f4f5f7;color:#1c2430;font:15px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif',
  column: 'max-width:560px;margin:0 auto',
  item: 'background:#ffffff;border:1px solid #d9dee6;border-radius:8px;padding:20px;margin:0 0 16px',
  sentence: 'margin:0 0 8px;font-size:17px;font-weight:600;overflow-wrap:anywhere',
  detail: 'margin:0 0 4px;color:#4a5568;overflow-wrap:anywhere',
  note: 'margin:12px 0;padding:4px 0 4px 12px;border-left:3px solid #b9c2cf;overflow-wrap:anywhere',
  button:
    'display:inline-block;margin-top:12px;padding:9px 16px;background:#1d5fd1;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600',
  foot: 'margin:16px 0 0;font-size:13px;color:#5b6675',
} as const;

export function htmlOf({ locale, subject, items, more, open, why, account }: MailWords): string {
  const foot = account === null ? escaped(why) : `${escaped(why)} ${link(account, account)}`;
  return [
    `<!doctype html><html lang="${escaped(locale)}"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>`,
    `<body style="${styles.body}"><div style="${styles.column}">`,
    ...items.map((item) => itemHtml(item, open)),
    more === null ? '' : `<p style="${styles.detail}">${escaped(more)}</p>`,
    `<p style="${styles.foot}">${foot}</p>`,
    '</div></body></html>',
  ].join('\n');
}

function itemHtml({ sentence, details, note, link: href }: MailItem, open: string): string {
  return [
    `<div style="${styles.item}"><h1 style="${styles.sentence}">${escaped(sentence)}</h1>`,
    ...details.map((detail) => `<p style="${styles.detail}">${escaped(detail)}</p>`),
    note === '' ? '' : `<blockquote style="${styles.note}">${withBreaks(note)}</blockquote>`,
    href === null ? '' : link(href, open, styles.button),
    '</div>',
  ].join('\n');
}

function link(href: string, words: string, style = ''): string {
  return `<a href="${escaped(href)}" style="${style}">${escaped(words)}</a>`;
}

/** Uses `<br>` instead of a style, because some programs drop `white-space`. */
function withBreaks(text: string): string {
  return escaped(text).replaceAll('\n', '<br>\n');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
