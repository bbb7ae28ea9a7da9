/**
 * Output of Windows tools: PowerShell's `Get-FileHash` as a table, a list or CSV, and `certutil -hashfile` in any
 * language.
 */
import { entryFrom } from './entries.ts';
import type { EntryNote, ManifestEntry } from './manifest.ts';

const tableHead = /^\s*Algorithm\s+Hash\s+Path\s*$/i;
const csvHead = /^"?Algorithm"?[,;\t]"?Hash"?[,;\t]"?Path"?$/i;
const listHead = /^\s*Algorithm\s*:\s*\S+\s*$/i;
const certutilHead = /^([A-Za-z0-9]{2,10})[ -]+hash\b.{1,20}?\s(?:file |datei |archivo |fichier )?(\S.*):$/i;

export type WindowsTool = 'powershell' | 'certutil';

/** Recognises the tool by the first line of text. */
export function windowsTool(firstLine: string): WindowsTool | null {
  if (tableHead.test(firstLine) || csvHead.test(firstLine) || listHead.test(firstLine)) return 'powershell';
  if (/^#TYPE .*FileHash/i.test(firstLine)) return 'powershell';
  return certutilHead.test(firstLine) ? 'certutil' : null;
}

/**
 * Returns the entry that a line completes, an empty list for other lines of the form, or null for lines that do not
 * belong to it.
 */
export class PowerShellReader {
  #record: { algorithm?: string; hash?: string } = {};

  read(text: string, line: number): ManifestEntry[] | null {
    if (tableHead.test(text) || csvHead.test(text) || /^[-\s]+$/.test(text) || text.startsWith('#'))
      return [];
    const [, field, value] = /^\s*(Algorithm|Hash|Path)\s*:\s?(.*)$/i.exec(text) ?? [];
    if (field !== undefined) return this.#field(field.toLowerCase(), value!.trim(), line);
    const row =
      /^"?([A-Za-z0-9-]+)"?[,;\t]"?([0-9A-Fa-f]+)"?[,;\t]"?(.+?)"?$/.exec(text) ??
      /^([A-Za-z0-9-]+)\s+([0-9A-Fa-f]{32,})(?:\s+(.*))?$/.exec(text.trim());
    if (!row) return null;
    return entry(row[1]!, row[2]!, row[3] ?? '', line);
  }

  #field(field: string, value: string, line: number): ManifestEntry[] | null {
    if (field === 'algorithm') this.#record = { algorithm: value };
    else if (field === 'hash') this.#record.hash = value;
    else {
      const { algorithm, hash } = this.#record;
      this.#record = {};
      return algorithm !== undefined && hash !== undefined ? entry(algorithm, hash, value, line) : null;
    }
    return [];
  }
}

export class CertutilReader {
  #head: { label: string; path: string } | null = null;

  read(text: string, line: number): ManifestEntry[] | null {
    const [, label, path] = certutilHead.exec(text) ?? [];
    if (path !== undefined) {
      this.#head = { label: label!, path };
      return [];
    }
    if (/^certutil\b/i.test(text)) return [];
    const head = this.#head;
    const value = text.replaceAll(' ', '');
    if (!head || !/^[0-9a-f]+$/i.test(value)) return null;
    this.#head = null;
    return entry(head.label, value, head.path, line);
  }
}

function entry(label: string, value: string, path: string, line: number): ManifestEntry[] | null {
  const notes: EntryNote[] = [];
  const found = entryFrom({ path, value, line, label, notes });
  return found && [found];
}
