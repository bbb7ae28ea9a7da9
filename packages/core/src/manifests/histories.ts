/** ASC MHL histories among the lists of a request: which generation decides about a file, and whether the chains are valid. */
import { eq } from 'drizzle-orm';
import { manifests } from '@turnover/db/schema/manifests';
import {
  chainFolderOf,
  checkChain,
  FileHistory,
  generationOf,
  type Generation,
  type Meaning,
} from '@turnover/domain/manifests/history';
import { noFolders, type FolderVerdict, type ListHistory } from '@turnover/domain/manifests/list-history';
import { turnsOf } from '../batches.ts';
import type { Context } from '../context.ts';
import { underLease } from '../jobs.ts';
import { asEntry, type ComparedList, type EntryRow } from './comparison-rows.ts';
import { entriesOf } from './comparison-rows.ts';
import type { CheckedLink } from './list-check.ts';
import type { ComparisonJob } from './queue.ts';

type OfHistory = Generation & { list: ComparedList };
/** `patterns`: the ignore patterns of the whole history. */
export type NewestGeneration = { folder: string; listId: string; patterns: string[] };
type History = { folder: string; generations: OfHistory[]; chain: ComparedList | null };

export class Histories {
  readonly #histories: readonly History[];
  readonly #files = new Map<string, { at: number; history: FileHistory }>();
  readonly #links = new Map<string, CheckedLink[]>();
  readonly #folders = new Map<string, FolderVerdict>();

  /** Finds the histories, and reads the entries of those with more than one generation. */
  static async of(ctx: Context, lists: readonly ComparedList[]): Promise<Histories> {
    const histories = new Histories(lists);
    for (const { generations } of histories.#histories) {
      if (generations.length < 2) continue;
      const history = new FileHistory();
      for (const [at, { list }] of generations.entries()) {
        const entries = (await entriesOf(ctx.db, list.id)).map(asEntry);
        await turnsOf(history.add(at, entries));
        histories.#files.set(list.id, { at, history });
      }
    }
    return histories;
  }

  private constructor(lists: readonly ComparedList[]) {
    const histories = new Map<string, History>();
    const historyAt = (folder: string) => {
      const known = histories.get(folder) ?? { folder, generations: [], chain: null };
      histories.set(folder, known);
      return known;
    };
    for (const list of lists) {
      if (list.what !== 'asc_mhl') continue;
      const generation = generationOf(list.path);
      if (generation) historyAt(generation.folder).generations.push({ ...generation, list });
      const folder = chainFolderOf(list.path);
      if (folder !== null) historyAt(folder).chain = list;
    }
    for (const { generations } of histories.values()) {
      generations.sort(
        (one, other) => one.number - other.number || (one.list.path < other.list.path ? -1 : 1),
      );
    }
    this.#histories = [...histories.values()];
  }

  /** Sorts lists so that older generations come first: a newer one depends on what they state about a file. */
  inOrder(lists: readonly ComparedList[]): ComparedList[] {
    const number = ({ path }: ComparedList) => generationOf(path)?.number ?? 0;
    return lists.toSorted((one, other) => number(one) - number(other));
  }

  meaningOf(list: ComparedList, entry: EntryRow): Meaning {
    const known = this.#files.get(list.id);
    if (known) return known.history.meaningOf(known.at, asEntry(entry));
    return { path: entry.path, isSuperseded: false, isChanged: false };
  }

  isChain(list: ComparedList): boolean {
    return this.#histories.some(({ chain }) => chain === list);
  }

  noteLinks(list: ComparedList, links: CheckedLink[]): void {
    this.#links.set(list.id, links);
  }

  noteFolders(listId: string, verdict: FolderVerdict): void {
    this.#folders.set(listId, verdict);
  }

  /** The newest generation of each history. Patterns apply to its whole folder; a generation only ever adds some. */
  newest(): NewestGeneration[] {
    return this.#histories.flatMap(({ folder, generations }) => {
      const patterns = [...new Set(generations.flatMap(({ list }) => list.ignores))];
      const newest = generations.at(-1)?.list;
      return newest ? [{ folder, listId: newest.id, patterns }] : [];
    });
  }

  /** The lists whose place in their history has changed. */
  changed(): { list: ComparedList; history: ListHistory }[] {
    return this.#histories.flatMap(({ folder, generations, chain }) => {
      const delivered = generations.map(({ list, number }) => ({ id: list.id, path: list.name, number }));
      const checked = chain ? checkChain(this.#links.get(chain.id) ?? [], delivered) : null;
      const common = { folder, generations: generations.length, chain: checked?.state ?? 'none' } as const;
      return [
        ...(chain && checked ? [{ list: chain, generation: null, faults: checked.faults }] : []),
        ...generations.map(({ list, number }) => ({ list, generation: number, faults: [] })),
      ]
        .map(({ list, ...own }) => {
          const folders = this.#folders.get(list.id) ?? noFolders;
          return { list, history: { ...common, ...own, folders } };
        })
        .filter(({ list, history }) => JSON.stringify(list.history) !== JSON.stringify(history));
    });
  }
}

/** Writes each list in a transaction of its own: there are few, and they seldom change. */
export function writeHistories(ctx: Context, job: ComparisonJob, histories: Histories): number {
  const changed = histories.changed();
  for (const { list, history } of changed) {
    underLease(ctx.db, job, (tx) => {
      tx.update(manifests).set({ history }).where(eq(manifests.fileId, list.id)).run();
    });
  }
  return changed.length;
}
