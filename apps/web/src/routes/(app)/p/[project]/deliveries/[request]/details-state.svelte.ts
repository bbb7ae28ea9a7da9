/** The state of the Details page: the file in the panel, the open dialog, and the commands of header and menu. */
import { invalidate } from '$app/navigation';
import { topics } from '@turnover/domain/events';
import type { MemberView } from '@turnover/domain/people/projects';
import type { ReasonView } from '@turnover/domain/requests/reasons';
import type { ContentRowView } from '@turnover/domain/requests/contents';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import type { AssigneeInput, RequestView } from '@turnover/domain/requests/requests';
import type { RequestTypeView } from '@turnover/domain/rules/request-types';
import * as m from '@turnover/messages/messages';
import { tick } from 'svelte';
import { archiveOf } from '#lib/downloads/archives.ts';
import { downloadMany } from '#lib/downloads/download-many.ts';
import { wordsForCaught } from '#lib/errors.ts';
import type { ContentList } from '#lib/features/requests/files/content-list.svelte.ts';
import { sequenceName } from '#lib/features/requests/files/content-words.ts';
import type { PanelWish } from '#lib/features/requests/files/FilePanel.svelte';
import { FileSelection, filesIn } from '#lib/features/requests/files/file-selection.svelte.ts';
import { openFindings } from '#lib/features/requests/redelivery/open-findings.ts';
import { explainRefusal } from '#lib/features/requests/refusal-words.ts';
import type { MenuAction } from '#lib/features/requests/RequestMenu.svelte';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { trpc } from '#lib/trpc.ts';

/** At most one dialog is open at a time. */
export type DetailsDialog =
  | 'upload'
  | 'accept'
  | 'askForRedelivery'
  | 'promise'
  | 'edit'
  | 'assign'
  | 'discardName'
  | 'duplicate'
  | 'remove'
  | 'clear'
  | 'cancel'
  | 'removed'
  | 'stages';

type Input = { requestId: string };

/** Commands without a dialog, and the toasts of those that have one. */
const commands = {
  submit: { run: (input: Input) => trpc.requests.submit.mutate(input), done: m.request_toast_submitted },
  accept: { run: (input: Input) => trpc.requests.accept.mutate(input), done: m.request_toast_accepted },
  reopen: { run: (input: Input) => trpc.requests.reopen.mutate(input), done: null },
  restore: { run: (input: Input) => trpc.requests.restore.mutate(input), done: null },
};
type Command = keyof typeof commands;

export class DetailsState {
  shownId = $state<string | null>(null);
  dialog = $state<DetailsDialog | null>(null);
  /** The row to remove; null for the selected rows. */
  toRemove = $state.raw<ContentRowView | null>(null);
  /** The row whose stages to treat; null for the selected rows. */
  #toTreat = $state.raw<ContentRowView | null>(null);
  /** The assignees that the edit dialog offers; null when assignments cannot be changed now. */
  members = $state.raw<MemberView[] | null>(null);
  types = $state.raw<RequestTypeView[]>([]);
  busy = $state(false);
  /** True while a typed name in the panel is not saved. */
  isNameTyped = $state(false);
  /** What the panel does once it shows the file. The first time, it loads its code before that. */
  wish = $state.raw<PanelWish | null>(null);
  /** The file to show when the typed name is discarded; null to close the panel. */
  #next: DeliveredFileView | null = null;
  /** The last shown file. It keeps the panel open when the file is removed or its row is unloaded. */
  #lastShown = $state.raw<DeliveredFileView>();
  readonly #request: () => RequestView;
  readonly #reasons: () => readonly ReasonView[];
  readonly #list: () => ContentList;
  readonly #selection: () => FileSelection;

  constructor(
    request: () => RequestView,
    reasons: () => readonly ReasonView[],
    list: () => ContentList,
    selection: () => FileSelection,
  ) {
    this.#request = request;
    this.#reasons = reasons;
    this.#list = list;
    this.#selection = selection;
  }

  /** The file in the panel, in its newest loaded version. */
  get shown(): DeliveredFileView | undefined {
    return this.#loaded(this.shownId) ?? (this.#lastShown?.id === this.shownId ? this.#lastShown : undefined);
  }

  readonly reload = (): Promise<void> => invalidate(topics.request(this.#request().id));

  readonly act = async (action: MenuAction | 'submit' | 'accept'): Promise<void> => {
    if (action === 'accept' && this.unresolved !== '') this.dialog = 'accept';
    else if (isCommand(action)) await this.#run(commands[action]);
    else if (action === 'update' || action === 'assign')
      await this.#edit(action === 'update' ? 'edit' : 'assign');
    else this.dialog = action;
  };

  /** Text about what is unresolved in the request; empty when nothing is. */
  get unresolved(): string {
    return openFindings(this.#request(), this.#reasons());
  }

  readonly accept = (): Promise<void> => this.#run(commands.accept);

  readonly assign = async (assignees: AssigneeInput[], revision?: number): Promise<void> => {
    await trpc.requests.assign.mutate({ requestId: this.#request().id, assignees, revision });
    toaster.show({ text: m.requests_assigned({ count: 1 }), tone: 'ok' });
    await this.reload();
  };

  /** Shows a file, or closes the panel for null. Asks first when a typed name would be lost. */
  readonly show = (file: DeliveredFileView | null): void => {
    if (this.isNameTyped && file?.id !== this.shownId) {
      this.#next = file;
      this.dialog = 'discardName';
      return;
    }
    this.#showNow(file);
  };

  readonly discardName = (): void => {
    this.isNameTyped = false;
    this.#showNow(this.#next);
  };

  /** Shows the file and moves the focus to the panel. */
  readonly open = (file: DeliveredFileView): void => {
    this.#showTo('focus', file);
  };

  /** Closes the panel and returns the focus to the row. */
  readonly close = async (): Promise<void> => {
    const rowId = this.shownId;
    const hadFocus = panel()?.contains(document.activeElement) ?? false;
    this.show(null);
    await tick();
    if (hadFocus && !this.shownId)
      document.querySelector<HTMLElement>(`[data-row="${CSS.escape(rowId ?? '')}"]`)?.focus();
  };

  readonly rename = (file: DeliveredFileView): void => {
    const why = explainRefusal(file.possible.rename);
    if (why) {
      toaster.show({ text: why });
      return;
    }
    this.#showTo('rename', file);
  };

  /** Call this after each reload: a file that is no longer in the list may have been removed. */
  readonly followShown = async (): Promise<void> => {
    const fileId = this.shownId;
    if (!fileId || this.#loaded(fileId)) return;
    try {
      const file = await trpc.requestFiles.get.query({ fileId });
      if (this.shownId === fileId) this.#lastShown = file;
    } catch (error) {
      if (this.shownId === fileId) this.#showNow(null);
      toaster.show({ text: wordsForCaught(error) });
    }
  };

  /** Follows a renamed file, which may have another id. */
  readonly renamed = async (fileId: string): Promise<void> => {
    await this.reload();
    if (this.shownId && fileId !== this.shownId) await this.showById(fileId);
  };

  /** Shows a file that another part of the page refers to, even if its row is not loaded. */
  readonly showById = async (fileId: string): Promise<void> => {
    try {
      this.show(this.#loaded(fileId) ?? (await trpc.requestFiles.get.query({ fileId })));
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  };

  readonly askToRemove = (row: ContentRowView | null): void => {
    this.toRemove = row;
    this.dialog = 'remove';
  };

  readonly askToTreat = (row: ContentRowView | null): void => {
    this.#toTreat = row;
    this.dialog = 'stages';
  };

  get treated(): { selection: FileSelection['wire']; files: number } {
    const row = this.#toTreat;
    if (row) return { selection: selectionOf(row), files: filesIn([row]) };
    return { selection: this.#selection().wire, files: this.#selection().files };
  }

  /** The only row that would be removed; undefined when there are several. */
  get #single(): ContentRowView | undefined {
    return this.toRemove ?? this.#selection().single;
  }

  get removalTitle(): string {
    const row = this.#single;
    if (!row) return m.request_remove_many({ count: this.#selection().files });
    return row.kind === 'file'
      ? m.request_remove_one({ name: row.file.name })
      : m.request_remove_sequence({ name: sequenceName(row), count: row.files });
  }

  readonly remove = async (): Promise<void> => {
    const requestId = this.#request().id;
    const row = this.#single;
    const name = row?.kind === 'file' ? row.file.name : undefined;
    const selection = this.toRemove ? selectionOf(this.toRemove) : this.#selection().wire;
    const { removed, undo } = await trpc.requestFiles.remove.mutate({ requestId, selection });
    const text =
      name !== undefined && removed === 1
        ? m.request_removed_one({ name })
        : m.request_removed_many({ count: removed });
    const action = { label: m.action_undo(), run: () => this.#undo(requestId, undo ?? 0) };
    toaster.show({ text, tone: 'ok', ...(undo !== null && { action }) });
    await this.#confirm(Promise.resolve());
  };

  async #undo(requestId: string, undo: number): Promise<void> {
    try {
      const { restored } = await trpc.requestFiles.undoRemove.mutate({ requestId, undo });
      toaster.show({ text: m.removed_done_all({ count: restored }), tone: 'ok' });
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
    await this.reload();
  }

  /** Downloads a row; null downloads the selected files, or else all listed files. */
  readonly download = async (row: ContentRowView | null): Promise<void> => {
    const { id: requestId, fileCount: files, totalBytes: sizeBytes, name } = this.#request();
    const list = this.#list();
    const isAll = row === null && this.#selection().count === 0;
    if (isAll && !list.sequence && list.query.filter === '') {
      return downloadMany(() => archiveOf(requestId, { name, files, sizeBytes }));
    }
    const selection = row ? selectionOf(row) : isAll ? await this.#listed() : this.#selection().wire;
    if (selection) await downloadMany(() => trpc.requestFiles.archive.mutate({ requestId, selection }));
    else toaster.show({ text: m.request_files_too_many() });
  };

  /** Returns all listed files; null when there are too many to name. */
  async #listed(): Promise<FileSelection['wire'] | null> {
    const listed = new FileSelection(this.#list(), () => this.#request().fileCount);
    return (await listed.everything()) ? listed.wire : null;
  }

  readonly clear = (): Promise<void> =>
    this.#confirm(trpc.requestFiles.clear.mutate({ requestId: this.#request().id }));

  readonly cancel = (): Promise<void> =>
    this.#confirm(trpc.requests.cancel.mutate({ requestId: this.#request().id }));

  async #run({ run, done }: (typeof commands)[Command]): Promise<void> {
    this.busy = true;
    try {
      await run({ requestId: this.#request().id });
      if (done) toaster.show({ text: done(), tone: 'ok' });
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    } finally {
      this.busy = false;
      await this.reload();
    }
  }

  async #edit(dialog: 'edit' | 'assign'): Promise<void> {
    const { projectId, possible } = this.#request();
    const askMembers = possible.assign ? null : trpc.members.list.query({ projectId });
    [this.members, this.types] = await Promise.all([askMembers, trpc.requestTypes.list.query({ projectId })]);
    this.dialog = dialog;
  }

  #loaded(fileId: string | null): DeliveredFileView | undefined {
    const row = this.#list().loaded.find(({ id }) => id === fileId);
    return row?.kind === 'file' ? row.file : undefined;
  }

  #showTo(what: PanelWish['what'], file: DeliveredFileView): void {
    this.show(file);
    if (this.shownId === file.id) this.wish = { fileId: file.id, what };
  }

  #showNow(file: DeliveredFileView | null): void {
    this.wish = null;
    this.shownId = file?.id ?? null;
    if (file) this.#lastShown = file;
  }

  async #confirm(change: Promise<unknown>): Promise<void> {
    await change;
    this.#selection().clear();
    await this.reload();
  }
}

function selectionOf({ kind, id }: ContentRowView): FileSelection['wire'] {
  return kind === 'file' ? { fileIds: [id] } : { fileIds: [], sequenceIds: [id] };
}

/** Returns the panel of the shown file. */
function panel(): Element | null {
  return document.querySelector('.side-panel');
}

function isCommand(action: string): action is Command {
  return action in commands;
}
