/** Finds web addresses in plain text, so that comments show them as links. */

export type LinkPart = { text: string; href?: string };

const addresses = /\bhttps?:\/\/[^\s<>"“”«»]+/gi;

/** Splits the text into addresses and the text around them. */
export function linkParts(text: string): LinkPart[] {
  const parts: LinkPart[] = [];
  let from = 0;
  for (const { index, 0: found } of text.matchAll(addresses)) {
    const href = withoutPunctuation(found);
    if (!URL.canParse(href)) continue;
    parts.push({ text: text.slice(from, index) }, { text: href, href });
    from = index + href.length;
  }
  parts.push({ text: text.slice(from) });
  return parts.filter((part) => part.text !== '');
}

/** Removes the punctuation of the sentence around an address, but keeps a bracket that the address itself opens. */
function withoutPunctuation(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1]!;
    const isOwnBracket = last === ')' && address.slice(0, end - 1).includes('(');
    if (!/[.,;:!?')\]}]/.test(last) || isOwnBracket) break;
    end -= 1;
  }
  return address.slice(0, end);
}
