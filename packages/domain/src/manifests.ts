/** Checksum lists sent along with files: which file is one, by its name and by what it holds. */
import { checksumDigits } from './checksums.ts';

/** Only files up to this size are looked into. */
export const maxManifestBytes = 64 * 1024 * 1024;
/** How much of a file's beginning is enough to recognise a list. */
export const manifestSampleBytes = 64 * 1024;

const manifestName = /(^|[._/-])checksums?\.txt$|\.(md5|sha1|sha256|xxh64|xxh128|xxhash|mhl|c4)$/i;

/** Whether a name, or the name at the end of a path, promises a checksum list; its content decides (`looksLikeManifest`). */
export function isManifestName(name: string): boolean {
  return manifestName.test(name);
}

const digits = [...new Set([...Object.values(checksumDigits), 40, 64, 128])].join('|');
/** `hash  name` and `hash *name` (md5sum, xxhsum), with the hash's digits counted exactly. */
const listLine = new RegExp(
  `^\\\\?(?:[0-9a-f]{${digits.replaceAll('|', '}|[0-9a-f]{')}})[ \\t]+\\*?\\S`,
  'i',
);
/** `MD5 (name) = hash`, the BSD form. */
const bsdLine = /^[A-Z0-9-]+ \(.+\) = [0-9a-f]{16,128}$/i;

/** `sample`: the beginning of the file as text. At least one line is an entry and no line of text is anything else. */
export function looksLikeManifest(sample: string): boolean {
  const text = sample.replace(/^\uFEFF/, '');
  if (/<hashlist[\s>]/.test(text)) return true;
  const lines = text.split(/\r?\n/);
  // The last line of a cut sample may be half a line. Its length counts in bytes: names need not be ASCII.
  if (new TextEncoder().encode(sample).length >= manifestSampleBytes) lines.pop();
  const entries = lines.filter((line) => line.trim() !== '' && !/^[#;%]/.test(line));
  return entries.length > 0 && entries.every((line) => listLine.test(line) || bsdLine.test(line.trimEnd()));
}
