/**
 * The generations of an ASC MHL history. For each file the newest generation that states a value decides; older ones tell
 * whether it was changed or renamed since.
 */
import type { InPieces, ManifestEntry } from './manifest.ts';

const perPiece = 500;

export type Generation = {
  /** The folder that the history describes, with its trailing slash; empty at the top. */
  folder: string;
  number: number;
};

/** Returns the folder and number from the path of a generation: `Reels/ascmhl/0002_Reels_2020-01-17_143000Z.mhl`. */
export function generationOf(path: string): Generation | null {
  const [, folder = '', number] = /^(.*\/)?ascmhl\/(\d{4,9})_[^/]*\.mhl$/i.exec(path) ?? [];
  return number === undefined ? null : { folder, number: Number(number) };
}

/** Returns the folder of the history that this chain belongs to. */
export function chainFolderOf(path: string): string | null {
  const [found, folder = ''] = /^(.*\/)?ascmhl\/ascmhl_chain\.xml$/i.exec(path) ?? [];
  return found === undefined ? null : folder;
}

type Stated = Pick<ManifestEntry, 'path' | 'algorithms' | 'value' | 'notes'> & {
  previousPath?: string | null;
};

/**
 * Returns true when files are compared with this entry. The entry of a failed check states what was found, not what the
 * file should be.
 */
export function isReference({ algorithms, notes }: Pick<Stated, 'algorithms' | 'notes'>): boolean {
  return algorithms.length > 0 && !notes.includes('failed_at_source');
}

type Newest = {
  at: number;
  /** Values by algorithm, each from the newest generation that states one. */
  values: Map<string, { at: number; value: string }>;
  isChanged: boolean;
};
export type Meaning = {
  /** The path of the file in the newest generation. */
  path: string;
  isSuperseded: boolean;
  /** True when generations state different values for the same algorithm. */
  isChanged: boolean;
};

/**
 * Follows each file through the generations. Call `add` from the oldest generation to the newest; then `meaningOf`
 * returns what an entry of any generation means.
 */
export class FileHistory {
  readonly #newest = new Map<string, Newest>();
  /** For each generation: the new path of each file that it renames, by the old path. */
  readonly #renames = new Map<number, Map<string, string>>();

  /**
   * `at` grows from generation to generation. If the check of a file failed in this generation, it only states what was
   * found, so the older values stay valid.
   */
  *add(at: number, entries: readonly Stated[]): InPieces<void> {
    this.#rename(at, entries);
    const failed = new Set(
      entries.filter(({ notes }) => notes.includes('failed_at_source')).map(({ path }) => path),
    );
    for (const [index, entry] of entries.entries()) {
      if (index % perPiece === perPiece - 1) yield;
      if (!isReference(entry)) continue;
      const { path, algorithms, value } = entry;
      const known = this.#newest.get(path) ?? { at, values: new Map(), isChanged: false };
      const key = algorithms.join();
      const before = known.values.get(key);
      if (before !== undefined && before.at < at && before.value !== value) known.isChanged = true;
      known.values.set(key, { at, value });
      if (!failed.has(path)) known.at = at;
      this.#newest.set(path, known);
    }
  }

  /** Renames all files at once, because two files may swap their names. */
  #rename(at: number, entries: readonly Stated[]): void {
    const renames = new Map<string, string>();
    for (const { path, previousPath } of entries) {
      if (previousPath != null && previousPath !== path) renames.set(previousPath, path);
    }
    if (renames.size === 0) return;
    this.#renames.set(at, renames);
    const moved = [...renames].flatMap(([from, to]) => {
      const state = this.#newest.get(from);
      return state ? [{ from, to, state }] : [];
    });
    for (const { from } of moved) this.#newest.delete(from);
    for (const { to, state } of moved) this.#newest.set(to, state);
  }

  meaningOf(at: number, entry: Stated): Meaning {
    let { path } = entry;
    for (const [later, renames] of this.#renames) {
      if (later > at) path = renames.get(path) ?? path;
    }
    const newest = this.#newest.get(path);
    if (newest === undefined) return { path, isSuperseded: false, isChanged: false };
    const isSuperseded = newest.at > at || !isReference(entry);
    return { path, isSuperseded, isChanged: newest.isChanged };
  }
}

/** What can be wrong with a chain. */
export const chainFaults = ['differs', 'missing', 'unlisted', 'gap', 'repeated'] as const;
export type ChainFault = {
  fault: (typeof chainFaults)[number];
  generation: number | null;
  /** Path of the list, as the chain names it. */
  path: string;
};
/** `unchecked`: the chain states no value that a list could be compared with. */
export type ChainState = 'whole' | 'broken' | 'pending' | 'unchecked';

export const maxChainFaults = 20;

type Link = {
  path: string;
  /** The sequence number that the chain states. */
  stated: string | null;
  /** The delivered list. */
  fileId: string | null;
  verdict: 'match' | 'differs' | 'missing' | 'pending' | 'uncheckable' | 'superseded';
};

/**
 * Checks the links of a chain: each generation must be delivered, have the stated value, and the numbers must run from
 * 1 without gaps.
 */
export function checkChain(
  links: readonly Link[],
  delivered: readonly { id: string; path: string; number: number }[],
): { state: ChainState; faults: ChainFault[] } {
  const faults: ChainFault[] = [];
  const numbers = new Set<number>();
  for (const { path, stated, verdict } of links) {
    const generation = /^\d{1,9}$/.test(stated ?? '') ? Number(stated) : null;
    if (verdict === 'differs' || verdict === 'missing') faults.push({ fault: verdict, generation, path });
    if (generation === null) continue;
    if (numbers.has(generation)) faults.push({ fault: 'repeated', generation, path });
    numbers.add(generation);
  }
  const sorted = [...numbers].toSorted((one, other) => one - other);
  const gap = sorted.findIndex((number, at) => number !== at + 1);
  if (gap >= 0) faults.push({ fault: 'gap', generation: gap + 1, path: '' });
  const listed = new Set(links.map(({ fileId }) => fileId));
  for (const { id, path, number } of delivered) {
    if (!listed.has(id)) faults.push({ fault: 'unlisted', generation: number, path });
  }
  return { state: stateOf(links, faults), faults: faults.slice(0, maxChainFaults) };
}

function stateOf(links: readonly Link[], faults: readonly ChainFault[]): ChainState {
  if (faults.length > 0) return 'broken';
  if (links.some(({ verdict }) => verdict === 'pending')) return 'pending';
  return links.every(({ verdict }) => verdict === 'match') ? 'whole' : 'unchecked';
}
