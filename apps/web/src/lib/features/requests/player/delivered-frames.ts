/** How the player asks for the frames of a sequence in a request. */
import type { FrameSource } from '#lib/player/frames/played-sequence.svelte.ts';
import { trpc } from '#lib/trpc.ts';

type Asked = { requestId: string; fileId: string; round: number | null };

export function framesOfDelivery({ requestId, fileId, round }: Asked): FrameSource {
  return {
    read: (from) => trpc.requestFiles.frameFiles.query({ fileId, round, from }),
    make: (fileIds) => trpc.requestFiles.makePreviews.mutate({ requestId, fileIds }),
  };
}
