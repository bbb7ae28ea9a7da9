/** `checksum.txt`: lines that `md5sum -c` and `xxhsum -c` check. */
import { checksumOf, type ListWriter } from './listed-file.ts';

/** The algorithms of `checksum.txt`. */
export type LineAlgorithm = 'xxh128' | 'md5';

/**
 * MD5 has the lines of `md5sum`. XXH128 has lines with its name, because 32 digits alone may as well be an MD5. Leaves
 * out a file whose value is not known.
 */
export function checksumLines(algorithm: LineAlgorithm): ListWriter {
  return {
    head: () => '',
    file(file) {
      const value = checksumOf(file, algorithm)?.value;
      if (value === undefined) return '';
      const { mark, name } = escapedName(file.path);
      return algorithm === 'md5' ? `${mark}${value}  ${name}\n` : `${mark}XXH128 (${name}) = ${value}\n`;
    },
    tail: () => '',
  };
}

/** As the GNU tools escape it: a backslash before the line states that the name has escapes. */
function escapedName(path: string): { mark: string; name: string } {
  const name = path.replace(/[\\\n\r]/g, (character) => escapes[character]!);
  return { mark: name === path ? '' : '\\', name };
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
