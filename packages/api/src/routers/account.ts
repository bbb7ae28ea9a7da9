import { z } from 'zod';
import { accountOf, changePassword, updateAccount } from '@turnover/core/people/accounts';
import { confirmEmail, sendEmailCode } from '@turnover/core/people/email-proof';
import {
  accountView,
  changePasswordInput,
  confirmEmailInput,
  endedView,
  updateAccountInput,
} from '@turnover/domain/people/accounts';
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
    .output(endedView)
    .mutation(({ ctx, input }) => changePassword(ctx.hub, input)),
  sendEmailCode: signedIn.output(z.void()).mutation(({ ctx }) => sendEmailCode(ctx.hub)),
  confirmEmail: signedIn
    .input(confirmEmailInput)
    .output(z.void())
    .mutation(({ ctx, input }) => confirmEmail(ctx.hub, input.code)),
});
