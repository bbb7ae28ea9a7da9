/**
 * What the list writers know about a file. They write piece by piece, so that a list of any length needs little memory.
 */
import type { ChecksumAlgorithm } from '../../media/checksums.ts';

export type ListedFile = {
  /** Relative path, with `/` between its parts. */
  path: string;
  sizeBytes: number;
  checksums: readonly ListedChecksum[];
};
export type ListedChecksum = { algorithm: ChecksumAlgorithm; value: string; at: number };

/** Writes `head`, each file in turn, and `tail`. */
export type ListWriter<File extends ListedFile = ListedFile> = {
  head(): string;
  file(file: File): string;
  tail(): string;
};

export function checksumOf(
  { checksums }: Pick<ListedFile, 'checksums'>,
  algorithm: ChecksumAlgorithm,
): ListedChecksum | undefined {
  return checksums.find((each) => each.algorithm === algorithm);
}

/** Escapes text for an XML element or attribute. Characters that XML 1.0 cannot hold become U+FFFD. */
export function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"\t\n\r]/g, (character) => escapes[character]!)
  );
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Formats a moment as `xs:dateTime` in UTC, without fractions of a second. */
export function xmlTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
