/** The caller's own account. */
import { z } from 'zod';
import { accountOf, changePassword, updateAccount } from '@turnover/core/accounts';
import { accountView, changePasswordInput, updateAccountInput } from '@turnover/domain/accounts';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const accountRouter = t.router({
  get: signedIn.output(accountView).query(({ ctx }) => accountOf(ctx.hub)),
  update: signedIn
    .input(updateAccountInput)
    .output(accountView)
    .mutation(({ ctx, input }) => updateAccount(ctx.hub, input)),
  changePassword: signedIn
    .input(changePasswordInput)
    .output(z.void())
    .mutation(({ ctx, input }) => changePassword(ctx.hub, input)),
});
