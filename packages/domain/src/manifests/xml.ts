/**
 * Reads elements, attributes and text of an untrusted XML document. Refuses document types, expands only the five
 * entities of XML and character numbers, and limits nesting. Removes namespace prefixes.
 */
import type { InPieces } from './manifest.ts';

export type XmlHandler = {
  open(name: string, attributes: ReadonlyMap<string, string>, line: number): void;
  text(text: string): void;
  close(name: string): void;
  /** Called when the document is incomplete, with the line of the markup, or of the end, at which reading stopped. */
  stopped?(line: number): void;
};

/** `complete`: every element was closed. `doctype`: the document has a document type, so it is not read. */
export type XmlEnd = 'complete' | 'cut_short' | 'malformed' | 'doctype';

const maxDepth = 64;
const maxTagLength = 64 * 1024;
const tagsPerPiece = 2000;

export function* readXml(source: string, handler: XmlHandler): InPieces<XmlEnd> {
  const open: string[] = [];
  let [at, tags] = [0, 0];
  const lineAt = lineCounter(source);
  let line = 1;
  const stop = (end: XmlEnd): XmlEnd => {
    handler.stopped?.(line);
    return end;
  };
  while (at < source.length) {
    const tagAt = source.indexOf('<', at);
    if (tagAt < 0) break;
    if (open.length > 0 && tagAt > at) handler.text(decodeEntities(source.slice(at, tagAt)));
    line = lineAt(tagAt);
    const skipped = skipMarkup(source, tagAt, open.length > 0 ? handler : null);
    if (skipped === 'doctype' || skipped === 'cut_short') return stop(skipped);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const end = endOfTag(source, tagAt);
    if (end === -1) return stop(source.length - tagAt > maxTagLength ? 'malformed' : 'cut_short');
    const tag = source.slice(tagAt + 1, end);
    at = end + 1;
    if (tag.startsWith('/')) {
      const name = localName(tag.slice(1).trim());
      if (open.pop() !== name) return stop('malformed');
      handler.close(name);
      if (open.length === 0) return 'complete';
    } else {
      const [, written = ''] = /^([^\s/]+)/.exec(tag) ?? [];
      const name = localName(written);
      if (name === '' || open.length === maxDepth) return stop('malformed');
      open.push(name);
      handler.open(name, attributesOf(tag.slice(written.length)), line);
      if (tag.endsWith('/')) {
        open.pop();
        handler.close(name);
        if (open.length === 0) return 'complete';
      }
    }
    line = lineAt(at);
    tags += 1;
    if (tags % tagsPerPiece === 0) yield;
  }
  return open.length > 0 || tags === 0 ? stop('cut_short') : 'complete';
}

/** Returns the position after a comment, an instruction or CDATA; null at a tag. */
function skipMarkup(
  source: string,
  at: number,
  handler: XmlHandler | null,
): number | null | 'doctype' | 'cut_short' {
  const after = (end: string, from: number) => {
    const found = source.indexOf(end, from);
    return found < 0 ? 'cut_short' : found + end.length;
  };
  if (source.startsWith('<?', at)) return after('?>', at + 2);
  if (source.startsWith('<!--', at)) return after('-->', at + 4);
  if (source.startsWith('<![CDATA[', at)) {
    const end = after(']]>', at + 9);
    if (end !== 'cut_short') handler?.text(source.slice(at + 9, end - 3));
    return end;
  }
  return source.startsWith('<!', at) ? 'doctype' : null;
}

/** Returns the position of the `>` that ends the tag, ignoring those in quotes; -1 when there is none. */
function endOfTag(source: string, at: number): number {
  let quote = '';
  const last = Math.min(source.length, at + maxTagLength);
  for (let index = at + 1; index < last; index++) {
    const letter = source[index]!;
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '>') return index;
  }
  return -1;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // A match begins only where a name begins. Otherwise a long name without a value would be read once for each of its letters.
  for (const [, name, double, single] of text.matchAll(
    /(?<![^\s=/"'])([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    found.set(localName(name!), decodeEntities(double ?? single ?? ''));
  }
  return found;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/**
 * Returns a function that gives the line of a position. Positions must not go back: every character is then searched once, also
 * in a document of one line.
 */
function lineCounter(source: string): (at: number) => number {
  let line = 1;
  let nextBreak = source.indexOf('\n');
  return (at) => {
    for (; nextBreak >= 0 && nextBreak < at; nextBreak = source.indexOf('\n', nextBreak + 1)) line++;
    return line;
  };
}
