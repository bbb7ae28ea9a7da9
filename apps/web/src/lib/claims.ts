/** The answer to whether somebody who joined is whom shares were meant for. */
import { trpc } from '#lib/trpc.ts';

export type Claims = { shareIds: readonly string[]; userId: string };

/** No: the shares end, and whoever reads mail to the address has to be shared with anew. */
export async function answerClaims({ shareIds, userId }: Claims, isMeant: boolean): Promise<void> {
  for (const shareId of shareIds) {
    if (isMeant) await trpc.shares.confirm.mutate({ shareId, userId });
    else await trpc.shares.revoke.mutate({ shareId });
  }
}
