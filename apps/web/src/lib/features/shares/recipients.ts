/** Parses addresses as people type and paste them. */
import { emailOf } from '@turnover/domain/people/accounts';
import { maxRecipients } from '@turnover/domain/workspace/shares';

/** `email` is in lower case; null when the text is no address. `text` is the input, or the name beside the address. */
export type Recipient = { email: string | null; text: string };

/** More than any intended list; the rest of an accidental paste is ignored. */
const maxParsed = 1000;
const maxShownLength = 254;

/**
 * Returns one recipient for each address or invalid word in `text`, separated by commas, semicolons, line breaks, tabs
 * or spaces.
 */
export function parseRecipients(text: string): Recipient[] {
  const found: Recipient[] = [];
  for (const part of partsOf(text)) {
    found.push(...recipientsOf(part));
    if (found.length >= maxParsed) break;
  }
  return found.slice(0, maxParsed);
}

/** Returns true when the text is one complete address, which a space then turns into a chip. */
export function isAddress(text: string): boolean {
  return emailOf(text) !== null;
}

export type Merged = {
  recipients: Recipient[];
  added: Recipient[];
  /** The number of recipients that were dropped because of the limit. */
  leftOut: number;
};

/** Adds the new recipients of `more` in order, up to the limit. */
export function mergeRecipients(present: readonly Recipient[], more: readonly Recipient[]): Merged {
  const keys = new Set(present.map(recipientKey));
  const added: Recipient[] = [];
  const isGood = ({ email }: Recipient) => email !== null;
  // Invalid addresses have a limit of their own, so they take no room from valid ones.
  const room = { good: maxRecipients, bad: maxRecipients };
  for (const each of present) room[isGood(each) ? 'good' : 'bad']--;
  let leftOut = 0;
  for (const recipient of more) {
    const key = recipientKey(recipient);
    if (keys.has(key)) continue;
    keys.add(key);
    const kind = isGood(recipient) ? 'good' : 'bad';
    if (room[kind]-- > 0) added.push(recipient);
    else if (isGood(recipient)) leftOut++;
  }
  return { recipients: [...present, ...added], added, leftOut };
}

/** Splits the addresses so that each part fits into the URL of a request. */
export function inParts(people: readonly string[], maxEncoded = 900): string[][] {
  const parts: string[][] = [];
  let room = 0;
  for (const person of people) {
    const length = encodeURIComponent(JSON.stringify(person)).length + 3;
    if (length > room) {
      parts.push([]);
      room = maxEncoded;
    }
    parts.at(-1)!.push(person);
    room -= length;
  }
  return parts;
}

/** Returns a key that is equal for addresses that differ only in case. */
export function recipientKey({ email, text }: Recipient): string {
  return email ?? `? ${text.toLowerCase()}`;
}

/**
 * Splits at commas, semicolons, tabs and line breaks, except inside angle brackets and quotes; a quote ends at the end
 * of its line at the latest.
 */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if (letter === '"') quoted = !quoted;
    else if (letter === '<') bracketed = true;
    else if (letter === '>') bracketed = false;
    const isLineEnd = letter === '\n' || letter === '\r';
    if (!isLineEnd && (quoted || bracketed || !/[,;\t]/.test(letter))) continue;
    parts.push(text.slice(start, index));
    start = index + 1;
    quoted = bracketed = false;
  }
  return [...parts, text.slice(start)];
}

/** Parses `Cora Lindqvist <cora@bluedoor.example>`, several of these, or words separated by spaces. */
function recipientsOf(part: string): Recipient[] {
  const [before = '', ...rest] = part.split('<');
  if (rest.length === 0) return plainRecipients(before);
  const found: Recipient[] = [];
  let name = before;
  for (const piece of rest) {
    const [address = '', after = ''] = piece.split('>', 2);
    const isNamed = !name.includes('@');
    if (!isNamed) found.push(...plainRecipients(name));
    found.push(...bracketedRecipient(address, isNamed ? nameOf(name) : ''));
    name = after;
  }
  return [...found, ...plainRecipients(name)];
}

function bracketedRecipient(address: string, name: string): Recipient[] {
  const text = bare(address);
  if (text === '') return name === '' ? [] : [recipient(name)];
  const made = recipient(text);
  return [made.email && name !== '' ? { ...made, text: name } : made];
}

/**
 * Parses words and addresses. Words before an address are its name; words after the last address, or without any
 * address, are one invalid recipient.
 */
function plainRecipients(text: string): Recipient[] {
  const words = text.split(/\s+/).filter(Boolean);
  const last = words.findLastIndex((word) => word.includes('@'));
  const addresses = words.filter((word) => word.includes('@')).map(bare);
  const rest = bare(words.slice(last + 1).join(' '));
  const all = rest === '' ? addresses : [...addresses, rest];
  return all.filter(Boolean).map(recipient);
}

function recipient(text: string): Recipient {
  const email = emailOf(text);
  return { email, text: email ?? text.slice(0, maxShownLength) };
}

/** Removes the punctuation around an address in running text. */
function bare(text: string): string {
  const trimmed = text.trim().replace(/^mailto:/i, '');
  let [start, end] = [0, trimmed.length];
  while (start < end && /[\s"'“”‘’()[\]<>:]/.test(trimmed[start]!)) start++;
  while (end > start && /[\s"'“”‘’()[\]<>:.]/.test(trimmed[end - 1]!)) end--;
  return trimmed.slice(start, end);
}

function nameOf(text: string): string {
  return bare(text).slice(0, maxShownLength);
}
