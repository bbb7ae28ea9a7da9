import { z } from 'zod';
import { createTokenByPassword, listTokens, revokeToken } from '@turnover/core/people/tokens';
import { createdTokenView, createTokenInput, tokenIdInput, tokenView } from '@turnover/domain/people/tokens';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const tokensRouter = t.router({
  list: signedIn.output(z.array(tokenView)).query(({ ctx }) => listTokens(ctx.hub)),
  create: signedIn
    .input(createTokenInput)
    .output(createdTokenView)
    .mutation(({ ctx, input }) => createTokenByPassword(ctx.hub, input)),
  revoke: signedIn
    .input(tokenIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => revokeToken(ctx.hub, input.tokenId)),
});
