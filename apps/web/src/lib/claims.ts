/** Answers whether a person who joined is the intended recipient of shares. */
import { trpc } from '#lib/trpc.ts';

export type Claims = { shareIds: readonly string[]; userId: string };

/** Answers the question. "No" ends the shares; the person who receives mail at the address then needs new ones. */
export async function answerClaims({ shareIds, userId }: Claims, isMeant: boolean): Promise<void> {
  for (const shareId of shareIds) {
    if (isMeant) await trpc.shares.confirm.mutate({ shareId, userId });
    else await trpc.shares.revoke.mutate({ shareId });
  }
}
