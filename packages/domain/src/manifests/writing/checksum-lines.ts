/** `checksum.txt`: lines that `md5sum -c` and `xxhsum -c` check. */
import { checksumOf, type ListWriter } from './listed-file.ts';

/** The algorithms of `checksum.txt`. */
export type LineAlgorithm = 'xxh128' | 'md5';

/**
 * Writes lines of `md5sum` for MD5. For XXH128 each line names the algorithm, because 32 digits alone could also be an
 * MD5. Leaves out a file whose value is not known.
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

/** Escapes a name as the GNU tools do: a backslash before the line marks that the name has escapes. */
function escapedName(path: string): { mark: string; name: string } {
  const name = path.replace(/[\\\n\r]/g, (character) => escapes[character]!);
  return { mark: name === path ? '' : '\\', name };
}

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
