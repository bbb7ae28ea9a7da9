/** How the player asks for the frames of a sequence in a Workspace. */
import type { FrameSource } from '#lib/player/frames/played-sequence.svelte.ts';
import { trpc } from '#lib/trpc.ts';

export function framesOfEntry({ projectId, entryId }: { projectId: string; entryId: string }): FrameSource {
  return {
    read: (from) => trpc.workspace.frameFiles.query({ entryId, from }),
    make: (entryIds) => trpc.workspace.makePreviews.mutate({ projectId, entryIds }),
  };
}
