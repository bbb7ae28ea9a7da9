/**
 * Plain lines: `hash  name` and `hash *name` as md5sum, xxhsum and TeraCopy write them, with GNU escapes; a hash
 * alone; `name hash` (SFV).
 */
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import { entryFrom } from './entries.ts';
import type { ManifestDialect, ManifestEntry } from './manifest.ts';

export type LineRead = { dialect: ManifestDialect; entry: ManifestEntry };
export type LineContext = { hint: ChecksumAlgorithm | null; line: number; isSfv: boolean };

const prefixed =
  /^(\\)?(?:(XXH3|XXH32|XXH64|XXH128|XXH3_64|XXH3_128)_)?([0-9a-f]{8,128})(?:( [ *?^]|[ \t]+\*?)(.+))?$/i;
const c4Line = /^(c4[1-9A-HJ-NP-Za-km-z]{88})(?:[ \t]+\*?(.+))?$/;
const valueLast = /^\*?((?:[0-9a-f]{8}){1,16}|c4[1-9A-HJ-NP-Za-km-z]{88})$/i;

export function readPlainLine(text: string, { hint, line, isSfv }: LineContext): LineRead | null {
  if (text.startsWith('c4')) {
    const [, value, path = ''] = c4Line.exec(text) ?? [];
    if (value) return read(path === '' ? 'hash_only' : 'c4', { path, value, line, hint: 'c4' });
  }
  const [, escaped, label, value, separator, name] = prefixed.exec(text) ?? [];
  if (value !== undefined) {
    if (name === undefined) return read('hash_only', { path: '', value, line, hint, label });
    // Eight digits and one space could also be a date.
    const isChecksum = value.length > 8 || label !== undefined || hint !== null || separator!.length === 2;
    const path = escaped ? unescaped(name) : name;
    const found = isChecksum ? read('lines', { path, value, line, hint, label }) : null;
    if (found) return found;
  }
  return readValueLast(text, { hint, line, isSfv });
}

/** Reads `name hash`. Eight digits at the end of a line count as a checksum only in an SFV. */
function readValueLast(text: string, { hint, line, isSfv }: LineContext): LineRead | null {
  const space = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
  const [, value] = valueLast.exec(text.slice(space + 1)) ?? [];
  const path = text.slice(0, Math.max(0, space)).trim();
  if (value === undefined || path === '' || (value.length === 8 && !isSfv)) return null;
  if (value.startsWith('c4')) return read('c4', { path: path.replace(/:$/, ''), value, line });
  return read('sfv', { path, value, line, hint: value.length === 8 ? 'crc32' : hint });
}

type Written = Omit<Parameters<typeof entryFrom>[0], 'label'> & { label?: string | undefined };

function read(dialect: ManifestDialect, { label, ...written }: Written): LineRead | null {
  const entry = entryFrom(label === undefined ? written : { ...written, label });
  return entry && { dialect, entry };
}

/** Decodes `\n`, `\r` and `\\` in a line that begins with a backslash. */
export function unescaped(name: string): string {
  return name.replace(/\\([nr\\])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\',
  );
}
