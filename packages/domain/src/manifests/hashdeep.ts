/** Lists of hashdeep and md5deep: `%%%% HASHDEEP-1.0`, a line that names the columns, and one line per file. */
import { entryFrom } from './entries.ts';
import type { ManifestEntry } from './manifest.ts';

export function isHashdeep(firstLine: string): boolean {
  return firstLine.startsWith('%%%% HASHDEEP');
}

export class HashdeepReader {
  #columns: string[] = ['size', 'md5', 'sha256', 'filename'];

  /**
   * Returns null for a line without an entry, and an empty list for a header line. The name comes last because it may
   * contain commas.
   */
  read(text: string, line: number): ManifestEntry[] | null {
    if (text.startsWith('%%%% HASHDEEP') || text.startsWith('##')) return [];
    if (text.startsWith('%%%% ')) {
      this.#columns = text.slice(5).trim().split(',');
      return [];
    }
    const fields = text.split(',');
    const values = fields.slice(0, this.#columns.length - 1);
    const path = fields.slice(this.#columns.length - 1).join(',');
    const size = values[this.#columns.indexOf('size')] ?? '';
    if (path === '' || !/^\d{1,16}$/.test(size)) return null;
    return this.#columns.flatMap((label, at) => {
      const value = values[at];
      if (label === 'size' || label === 'filename' || !value) return [];
      return entryFrom({ path, value, line, label, sizeBytes: Number(size) }) ?? [];
    });
  }
}
