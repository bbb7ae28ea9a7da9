/** Records that the caller opened an entry that is shared with them. The sharer sees it. */
import { trpc } from '#lib/trpc.ts';

/** `entryId` is null for the caller's own entry. Errors are ignored, because opening the entry again retries. */
export function recordOpened(entryId: string | null): void {
  if (entryId) trpc.shares.recordOpened.mutate({ entryId }).catch(() => {});
}
