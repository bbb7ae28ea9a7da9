/** The state of an open folder: its rows, selection and actions. */
import { untrack } from 'svelte';
import type {
  EntryOrder,
  EntrySelection as WireSelection,
  EntryView,
} from '@turnover/domain/workspace/entries';
import { wordsForCaught } from '#lib/errors.ts';
import { removeEntries } from '#lib/features/workspace/entry-actions.ts';
import type { Dragged, Place } from '#lib/features/workspace/entry-drag.ts';
import { EntryList } from '#lib/features/workspace/entry-list.svelte.ts';
import { EntryMoves } from '#lib/features/workspace/entry-moves.svelte.ts';
import { rememberOrder } from '#lib/features/workspace/entry-order.ts';
import { EntrySelection } from '#lib/features/workspace/entry-selection.svelte.ts';
import type { EntryVerbs } from '#lib/features/workspace/entry-verbs.ts';
import { labelOf, whyNotUpdate } from '#lib/features/workspace/entry-words.ts';
import type { Chosen } from '#lib/features/workspace/SelectedBar.svelte';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import type { PageData } from './$types';
import { chosenOf, SectionState } from './section-state.svelte.ts';

export type FolderData = Extract<PageData, { part: 'folder' }>;

export class FolderState {
  readonly place: { projectId: string; folderId: string | null };
  readonly section: SectionState;
  readonly list: EntryList;
  readonly selection: EntrySelection;
  readonly moves: EntryMoves;
  filter = $state('');
  /** The entries to move while their target is being chosen. */
  toMove = $state.raw<Chosen | null>(null);
  /** True while entries are being deleted; hundreds take a moment. */
  removing = $state(false);
  #taken: FolderData['list'];
  readonly #data: () => FolderData;

  constructor(data: () => FolderData) {
    this.#data = data;
    const { project, folderId, order, list } = untrack(data);
    this.place = { projectId: project.id, folderId };
    this.#taken = list;
    this.section = new SectionState(() => data().project);
    this.list = new EntryList(
      (query) => trpc.workspace.list.query({ ...this.place, ...query }),
      { order, filter: '' },
      list,
    );
    this.selection = new EntrySelection(this.list, folderId);
    this.moves = new EntryMoves(() => project.id, this.section.reload);
  }

  get access() {
    return this.#data().list.access;
  }

  /** The entry in the panel, in its newest version. */
  get shown(): EntryView | null {
    const { shown } = this.section;
    const row = shown && this.list.rowOf(shown.id);
    return (row !== null && row !== undefined && this.list.at(row)) || shown;
  }

  get verbs(): EntryVerbs {
    const { section } = this;
    const noUpdate = whyNotUpdate(this.access) !== undefined;
    return {
      show: (entry) => section.show(entry),
      open: (entry) => section.open(entry),
      playerHref: section.playerHrefOf,
      share: (entry) => void this.share(chosenOf([entry])),
      stopSharing: this.access.isOwner ? (entry) => void section.askToStopSharing(entry) : undefined,
      submit: section.submitRule ? (entry) => void section.startSubmit(chosenOf([entry])) : undefined,
      whyNotSubmit: section.submitRule?.reason,
      move: (entry) => (this.toMove = chosenOf([entry])),
      rename: (entry) => !noUpdate && (section.renaming = entry),
      remove: (entry) => void this.remove(chosenOf([entry])),
    };
  }

  /** Keeps the panel on the row that was clicked last. */
  followSelection(): void {
    const { single } = this.selection;
    if (single && this.section.shown && single.id !== this.section.shown.id) this.section.shown = single;
  }

  /** Shows the details of the entry that a link names, and returns its row; null when the list does not have it. */
  async showLinked(entryId: string): Promise<number | null> {
    try {
      const entry = await trpc.workspace.get.query({ entryId });
      this.section.show(entry);
      return await this.#rowNamed(entry);
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      return null;
    }
  }

  async #rowNamed({ id, name }: EntryView): Promise<number | null> {
    // Several names may contain the searched name.
    let from = 0;
    for (let tries = 0; tries < 20; tries++) {
      const question = { ...this.place, ...this.list.query, text: name, from };
      const { found } = await trpc.workspace.find.query(question);
      if (!found || found.row < from) return null;
      if (found.entryId === id) return found.row;
      from = found.row + 1;
    }
    return null;
  }

  /** Applies a change, which arrives as a new first page; the list fetches the visible rows beyond it. */
  follow(): void {
    const { list: page, order } = this.#data();
    if (page === this.#taken) return;
    this.#taken = page;
    const { query } = this.list;
    const isSameOrder = query.order.column === order.column && query.order.descending === order.descending;
    const isAnswer = query.filter === '' && isSameOrder;
    void this.list.refreshFrom(isAnswer ? page : undefined).then(() => this.selection.follow());
  }

  changeOrder(order: EntryOrder): void {
    rememberOrder(order);
    void this.list.change({ order });
  }

  changeFilter(text: string): void {
    this.filter = text;
    this.selection.clear();
    void this.list.change({ filter: text.trim() });
  }

  async remove(chosen: Chosen): Promise<void> {
    if (!chosen.wire || this.removing || whyNotUpdate(this.access)) return;
    // Copies the selection, which may change while the dialog asks.
    const { count, bytes, single, entries, wire } = chosen;
    const taken = { count, bytes, single, entries, wire };
    await this.section.askToDelete(taken, () => this.#remove(taken));
  }

  async #remove(chosen: Chosen): Promise<void> {
    if (!chosen.wire || this.removing) return;
    const { entries } = chosen;
    const name = chosen.single ? labelOf(chosen.single) : null;
    this.removing = true;
    const removed = await removeEntries(this.place.projectId, chosen.wire, name, this.section.reload);
    this.removing = false;
    if (!removed) return;
    if (!entries || entries.some(({ id }) => this.selection.has(id))) this.selection.clear();
    if (!entries || entries.some(({ id }) => id === this.section.shown?.id)) this.section.shown = null;
  }

  async share(chosen: Chosen): Promise<void> {
    try {
      this.section.share(chosen.entries ?? (await this.#everything()), this.access);
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  }

  /** Opens the move dialog with a copy of the selection, which shrinks while entries are moved. */
  askWhereTo(): void {
    const { count, bytes, single, entries, wire } = this.selection;
    this.toMove = { count, bytes, single, entries, wire };
  }

  async moveTo(wire: WireSelection, to: Place): Promise<void> {
    if (await this.moves.begin(wire, to)) this.selection.clear();
  }

  /** Returns what a drag from this row takes: the whole selection, or only this row when it is not selected. */
  takeForDrag(entryId: string): Dragged | null {
    const row = this.list.rowOf(entryId);
    const entry = row === undefined ? undefined : this.list.at(row);
    if (!entry || whyNotUpdate(this.access)) return null;
    const { selection } = this;
    const chosen = selection.has(entryId) ? selection : chosenOf([entry]);
    if (!chosen.wire) return null;
    const here = this.place.folderId ?? '';
    const ids = new Set(chosen.entries?.map(({ id }) => id));
    const has = (id: string) => id === here || (chosen.entries ? ids.has(id) : selection.takes(id));
    return { selection: chosen.wire, count: chosen.count, has };
  }

  async #everything(): Promise<EntryView[]> {
    const all = await this.list.between(0, this.list.total - 1);
    return all.filter(({ id }) => this.selection.has(id));
  }
}
