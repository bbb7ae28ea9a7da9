/** Changes to entries, each with a toast and an Undo action. */
import type { EntrySelection as WireSelection, EntryView } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { reportOf } from '#lib/reported-error.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { saying, undoAction, type Reload } from '#lib/undoing.ts';

export async function removeEntries(
  projectId: string,
  selection: WireSelection,
  name: string | null,
  reload: Reload,
): Promise<boolean> {
  return saying(async () => {
    const { removed, entryIds } = await trpc.workspace.removeMany.mutate({ projectId, selection });
    const undo = () => trpc.workspace.restoreMany.mutate({ projectId, entryIds });
    toaster.show({
      text: name === null ? m.workspace_deleted_count({ count: removed }) : m.workspace_deleted({ name }),
      action: entryIds.length > 0 ? undoAction(undo, reload) : undefined,
    });
  }, reload);
}

/**
 * Renames an entry. Throws errors for the dialog to show. Does not overwrite a name that somebody else changed
 * meanwhile.
 */
export async function renameEntry(
  { id, name: seenName }: Pick<EntryView, 'id' | 'name'>,
  name: string,
  reload: Reload,
): Promise<void> {
  try {
    const renamed = await trpc.workspace.rename.mutate({ entryId: id, name, seenName });
    const undo = () => trpc.workspace.rename.mutate({ entryId: id, name: seenName, seenName: renamed.name });
    toaster.show({
      text: m.workspace_renamed({ before: seenName, name: renamed.name }),
      action: undoAction(undo, reload),
    });
  } finally {
    await reload();
  }
}

/** Returns the current name of the entry when a rename failed because somebody else had renamed it. */
export function nameMeanwhile(error: unknown): string | undefined {
  const { code, details } = reportOf(error) ?? {};
  const isRenamed = code === 'changed_meanwhile' && details?.what === 'renamed';
  return isRenamed && typeof details?.name === 'string' ? details.name : undefined;
}
