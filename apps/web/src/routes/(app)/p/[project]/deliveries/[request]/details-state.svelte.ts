/** The state of the Details page: the file in the panel, the open dialog, and the commands of header and menu. */
import { invalidate } from '$app/navigation';
import { topics } from '@turnover/domain/events';
import type { MemberView } from '@turnover/domain/people/projects';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import type { RequestView } from '@turnover/domain/requests/requests';
import type { RequestTypeView } from '@turnover/domain/rules/request-types';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import type { FileList } from '#lib/features/requests/files/file-list.svelte.ts';
import type { FileSelection } from '#lib/features/requests/files/file-selection.svelte.ts';
import type { MenuAction } from '#lib/features/requests/RequestMenu.svelte';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { trpc } from '#lib/trpc.ts';

/** At most one is open at a time. */
export type DetailsDialog =
  | 'upload'
  | 'askForRedelivery'
  | 'promise'
  | 'edit'
  | 'duplicate'
  | 'remove'
  | 'clear'
  | 'cancel'
  | 'removed';

type Input = { requestId: string };

/** Commands without a dialog, and the toast of those that have one. */
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
  /** The file to remove; null: the selected files. */
  toRemove = $state.raw<DeliveredFileView | null>(null);
  /** The assignees that the edit dialog offers; null: assignments cannot change now. */
  members = $state.raw<MemberView[] | null>(null);
  types = $state.raw<RequestTypeView[]>([]);
  busy = $state(false);
  /** Keeps the panel when the rows around the shown file are unloaded. */
  #lastShown = $state.raw<DeliveredFileView>();
  readonly #request: () => RequestView;
  readonly #list: () => FileList;
  readonly #selection: () => FileSelection;

  constructor(request: () => RequestView, list: () => FileList, selection: () => FileSelection) {
    this.#request = request;
    this.#list = list;
    this.#selection = selection;
  }

  /** The file in the panel, in its newest loaded version. */
  get shown(): DeliveredFileView | undefined {
    const loaded = this.#list().loaded.find(({ id }) => id === this.shownId);
    return loaded ?? (this.#lastShown?.id === this.shownId ? this.#lastShown : undefined);
  }

  readonly reload = (): Promise<void> => invalidate(topics.request(this.#request().id));

  readonly act = async (action: MenuAction | 'submit' | 'accept'): Promise<void> => {
    if (isCommand(action)) await this.#run(commands[action]);
    else if (action === 'update') await this.#edit();
    else this.dialog = action;
  };

  readonly show = (file: DeliveredFileView): void => {
    this.shownId = file.id;
    this.#lastShown = file;
  };

  /** Shows a file that another part of the page names, even if its row is not loaded. */
  readonly showById = async (fileId: string): Promise<void> => {
    try {
      const loaded = this.#list().loaded.find(({ id }) => id === fileId);
      this.show(loaded ?? (await trpc.requestFiles.get.query({ fileId })));
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  };

  readonly askToRemove = (file: DeliveredFileView | null): void => {
    this.toRemove = file;
    this.dialog = 'remove';
  };

  readonly remove = (): Promise<void> =>
    this.#confirm(
      trpc.requestFiles.remove.mutate({
        requestId: this.#request().id,
        selection: this.toRemove ? { fileIds: [this.toRemove.id] } : this.#selection().wire,
      }),
    );

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

  async #edit(): Promise<void> {
    const { projectId, possible } = this.#request();
    const askMembers = possible.assign ? null : trpc.members.list.query({ projectId });
    [this.members, this.types] = await Promise.all([askMembers, trpc.requestTypes.list.query({ projectId })]);
    this.dialog = 'edit';
  }

  async #confirm(change: Promise<unknown>): Promise<void> {
    await change;
    this.#selection().clear();
    await this.reload();
  }
}

function isCommand(action: string): action is Command {
  return action in commands;
}
