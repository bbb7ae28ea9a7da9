/** The open place of a folder chooser: its folders, and the path to it. */
import type { WorkspaceListView } from '@turnover/domain/workspace/entries';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';

/** The most folders that are listed; a place with more has to be filtered by name. */
const maxFolders = 200;

export class FolderChooser {
  list = $state.raw<WorkspaceListView | null>(null);
  folderId = $state.raw<string | null>(null);
  filter = $state('');
  error = $state<string>();
  busy = $state(false);
  #asked = 0;
  readonly #projectId: () => string;

  constructor(projectId: () => string) {
    this.#projectId = projectId;
  }

  get folders() {
    return this.list?.entries ?? [];
  }

  get path() {
    return this.list?.path ?? [];
  }

  /** The parent of the open folder; undefined at the top of a Workspace or of a share. */
  get parentId(): string | null | undefined {
    if (this.folderId === null || !this.list) return undefined;
    const parent = this.path.at(-2);
    if (parent) return parent.id;
    return this.list.access.isOwner ? null : undefined;
  }

  async go(folderId: string | null, filter = ''): Promise<void> {
    const question = ++this.#asked;
    this.busy = true;
    this.filter = filter;
    this.error = undefined;
    try {
      const list = await trpc.workspace.list.query({
        projectId: this.#projectId(),
        folderId,
        filter,
        foldersOnly: true,
        limit: maxFolders,
      });
      if (question !== this.#asked) return;
      this.list = list;
      this.folderId = folderId;
    } catch (error) {
      if (question === this.#asked) this.error = wordsForCaught(error);
    } finally {
      if (question === this.#asked) this.busy = false;
    }
  }

  /** Creates a folder here and opens it. */
  async create(name: string): Promise<void> {
    const made = await trpc.workspace.createFolder.mutate({
      projectId: this.#projectId(),
      parentId: this.folderId,
      name,
    });
    await this.go(made.id);
  }
}
