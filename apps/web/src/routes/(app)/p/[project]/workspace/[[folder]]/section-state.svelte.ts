/** The state of a section: the viewed, shared, renamed and submitted entries, at most one of each at a time. */
import { goto, invalidate } from '$app/navigation';
import { archiveUrlOf } from '@turnover/domain/archives/archives';
import type { EntryView, RemovalPreviewView } from '@turnover/domain/workspace/entries';
import { topics } from '@turnover/domain/events';
import { roleGrants } from '@turnover/domain/people/permissions';
import type { ProjectView } from '@turnover/domain/people/projects';
import type { MatchedRequestsView } from '@turnover/domain/requests/from-workspace';
import type { ShareView } from '@turnover/domain/workspace/shares';
import * as m from '@turnover/messages/messages';
import { archiveOfEntry, saveZip } from '#lib/downloads/archives.ts';
import { downloadMany } from '#lib/downloads/download-many.ts';
import { wordsForCaught } from '#lib/errors.ts';
import { labelOf } from '#lib/features/workspace/entry-words.ts';
import type { Chosen } from '#lib/features/workspace/SelectedBar.svelte';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';

type Project = Pick<ProjectView, 'id' | 'role'>;
type Limits = { canShare: boolean; canUpdate: boolean; until: number | null };
type SharedThing = Pick<EntryView, 'id' | 'name' | 'kind'>;

export class SectionState {
  shown = $state.raw<EntryView | null>(null);
  tab = $state('details');
  renaming = $state.raw<EntryView | null>(null);
  sharing = $state.raw<{ entries: SharedThing[]; limits: Limits | null; owner: string | null }>({
    entries: [],
    limits: null,
    owner: null,
  });
  isSharing = $state(false);
  /** The entries to submit, and the requests to choose from. */
  submitting = $state.raw<{ chosen: Chosen; matched: MatchedRequestsView } | null>(null);
  busy = $state(false);
  /** The entries to delete while the dialog names the people who lose access. */
  deleting = $state.raw<{
    preview: RemovalPreviewView;
    name: string | null;
    run: () => Promise<unknown>;
  } | null>(null);
  /** The entry that is no longer to be shared, while the dialog names the people who lose access. */
  stopping = $state.raw<{ name: string; shares: readonly ShareView[] } | null>(null);
  readonly #project: () => Project;

  constructor(project: () => Project) {
    this.#project = project;
  }

  /** Null for people who may not know that requests exist. */
  get submitRule(): { reason?: string } | null {
    const { role } = this.#project();
    if (!roleGrants(role, false, 'request:view')) return null;
    return roleGrants(role, false, 'file:add') ? {} : { reason: m.workspace_role_cannot_submit() };
  }

  /** Deletes at once when nobody else sees the entries; otherwise asks first. */
  async askToDelete({ wire, single }: Chosen, run: () => Promise<unknown>): Promise<void> {
    if (!wire) return;
    try {
      const projectId = this.#project().id;
      const preview = await trpc.workspace.previewRemoval.mutate({ projectId, selection: wire });
      if (preview.loses.length + preview.more === 0) await run();
      else this.deleting = { preview, name: single ? labelOf(single) : null, run };
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  }

  async askToStopSharing(entry: EntryView): Promise<void> {
    try {
      const { shares } = await trpc.shares.list.query({ entryId: entry.id });
      this.stopping = { name: labelOf(entry), shares: shares.filter(({ mayManage }) => mayManage) };
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  }

  readonly reload = (): Promise<void> => invalidate(topics.workspace(this.#project().id));

  show(entry: EntryView, tab = 'details'): void {
    this.shown = entry;
    this.tab = tab;
  }

  /** Undefined for people who may not know that requests exist. */
  get requestHrefOf(): ((requestId: string) => string) | undefined {
    const { id } = this.#project();
    return this.submitRule ? (requestId) => `/p/${id}/deliveries/${requestId}` : undefined;
  }

  hrefOf = (folderId: string): string => `/p/${this.#project().id}/workspace/${folderId}`;

  playerHrefOf = ({ id, kind }: Pick<EntryView, 'id' | 'kind'>): string =>
    this.hrefOf(`${kind === 'sequence' ? 'sequences' : 'files'}/${id}`);

  /** Opens folders and sequences; shows the details of files. */
  open(entry: EntryView): void {
    if (entry.kind === 'file') this.show(entry);
    else void goto(this.hrefOf(entry.id));
  }

  share(entries: readonly EntryView[], access: Limits & { isOwner: boolean; owner: { name: string } }): void {
    this.sharing = {
      entries: entries.map((entry) => ({ id: entry.id, name: labelOf(entry), kind: entry.kind })),
      limits: limitsOf(access),
      owner: access.isOwner ? null : access.owner.name,
    };
    this.isSharing = true;
  }

  async download({ wire, single }: Chosen): Promise<void> {
    if (!wire) return;
    if (single?.kind === 'file') return saveZip({ url: archiveUrlOf(single.id) });
    const { id: projectId } = this.#project();
    await downloadMany(() =>
      single ? archiveOfEntry(single) : trpc.workspace.archive.mutate({ projectId, selection: wire }),
    );
  }

  async startSubmit(chosen: Chosen): Promise<void> {
    if (!chosen.wire) return;
    this.busy = true;
    try {
      const { id: projectId } = this.#project();
      const asked = { projectId, selection: chosen.wire };
      this.submitting = { chosen, matched: await trpc.requestFiles.matchRequests.mutate(asked) };
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    } finally {
      this.busy = false;
    }
  }
}

/** Wraps entries as a selection, so that a row's menu can use the actions of the selection bar. */
export function chosenOf(entries: readonly EntryView[]): Chosen {
  return {
    count: entries.length,
    bytes: entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    single: entries.length === 1 ? entries[0] : undefined,
    entries: [...entries],
    wire: entries.length === 0 ? null : { entryIds: entries.map(({ id }) => id) },
  };
}

/** Returns the limits of the person; null for an owner, who has none. */
function limitsOf({ isOwner, canShare, canUpdate, until }: Limits & { isOwner: boolean }) {
  return isOwner ? null : { canShare, canUpdate, until };
}
