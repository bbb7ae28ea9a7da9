/** Tagged lines: `MD5 (name) = hash` as BSD and `--tag` write it, and `MD5(name)= hash` as OpenSSL does. */
import { entryFrom } from './entries.ts';
import { unescaped, type LineRead } from './lines.ts';

/** Output of old OpenSSL for standard input. */
const unnamed = /^\(?(stdin)\)?= ([0-9a-f]+)$/i;
const labelled = /^(\\)?([A-Za-z][A-Za-z0-9/_.-]{0,40}) ?\(/;

export function readTaggedLine(text: string, line: number): LineRead | null {
  const [opening, escaped, label] = labelled.exec(text) ?? [];
  // The last bracket ends the name, because the name may contain brackets and the value cannot.
  const close = text.lastIndexOf(')');
  const [, value] = /^ ?= ?(\S+)$/.exec(text.slice(close + 1)) ?? [];
  if (opening === undefined || value === undefined || close < opening.length) {
    const [, path, bare] = unnamed.exec(text) ?? [];
    const entry = bare === undefined ? null : entryFrom({ path: path!, value: bare, line });
    return entry && { dialect: 'openssl', entry };
  }
  const name = text.slice(opening.length, close);
  const entry = entryFrom({ path: escaped ? unescaped(name) : name, value, line, label: label! });
  return entry && { dialect: opening.includes(' ') ? 'tagged' : 'openssl', entry };
}
