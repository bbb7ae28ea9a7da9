/** Into the trash and back, with words about it. What fails for some entries does not keep the others. */
import type { EntryView } from '@turnover/domain/entries';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/toaster.svelte.ts';

export async function moveToTrash(entries: readonly EntryView[], reload: () => Promise<void>): Promise<void> {
  const moved = await each(entries, (entryId) => trpc.workspace.remove.mutate({ entryId }));
  if (moved.length > 0) {
    toaster.show({
      text:
        moved.length === 1
          ? m.workspace_deleted({ name: moved[0]!.name })
          : m.workspace_deleted_count({ count: moved.length }),
      action: { label: m.action_undo(), run: () => void restore(moved, reload) },
    });
  }
  await reload();
}

export async function restore(entries: readonly EntryView[], reload: () => Promise<void>): Promise<void> {
  const restored = await each(entries, (entryId) => trpc.workspace.restore.mutate({ entryId }));
  if (restored.length > 0) {
    toaster.show({
      text:
        restored.length === 1
          ? m.workspace_restored({ name: restored[0]!.name })
          : m.workspace_restored_count({ count: restored.length }),
      tone: 'ok',
    });
  }
  await reload();
}

/** Gives those it worked for; what happened to the first of the others is said. */
async function each(
  entries: readonly EntryView[],
  change: (entryId: string) => Promise<unknown>,
): Promise<EntryView[]> {
  const results = await Promise.allSettled(entries.map(({ id }) => change(id)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) toaster.show({ text: wordsForCaught(failed.reason), tone: 'bad' });
  return entries.filter((_, index) => results[index]?.status === 'fulfilled');
}
