/** The entries that others share with the person: loaded by the page, filtered, sorted, and extended on demand. */
import type { SharedEntryView, SharedListView } from '@turnover/domain/workspace/shares';
import type { EntryOrder } from '@turnover/domain/workspace/entries';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';

type Query = { order: EntryOrder; filter: string };

export class ReceivedList {
  entries = $state.raw<readonly SharedEntryView[]>([]);
  total = $state(0);
  query = $state.raw<Query>({ order: { column: 'name', descending: false }, filter: '' });
  #generation = 0;
  readonly #projectId: string;

  constructor(projectId: string, order: EntryOrder, page: SharedListView) {
    this.#projectId = projectId;
    this.query = { order, filter: '' };
    this.#take(page);
  }

  async change(query: Partial<Query>): Promise<void> {
    this.query = { ...this.query, ...query };
    await this.refresh();
  }

  /** Reloads the list. `page`: an answer that is already loaded. */
  async refresh(page?: SharedListView): Promise<void> {
    const generation = ++this.#generation;
    const answer = page ?? (await this.#ask(0));
    if (answer && generation === this.#generation) this.#take(answer);
  }

  async more(): Promise<void> {
    const generation = ++this.#generation;
    const answer = await this.#ask(this.entries.length);
    if (!answer || generation !== this.#generation) return;
    const known = new Set(this.entries.map(({ id }) => id));
    this.entries = [...this.entries, ...answer.entries.filter(({ id }) => !known.has(id))];
    this.total = answer.total;
  }

  async #ask(offset: number): Promise<SharedListView | null> {
    try {
      return await trpc.shares.listReceived.query({ projectId: this.#projectId, ...this.query, offset });
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      return null;
    }
  }

  #take({ entries, total }: SharedListView): void {
    this.entries = entries;
    this.total = total;
  }
}
