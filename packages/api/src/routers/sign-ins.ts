/** Sign-ins: a person's own, and for owners of the hub those of everybody. */
import { z } from 'zod';
import {
  endAnySignIn,
  endOtherSignIns,
  endSignIn,
  endSignInsOf,
  listAllSignIns,
  listSignIns,
} from '@turnover/core/people/sign-ins';
import { userIdInput } from '@turnover/domain/people/accounts';
import {
  endedSignInsView,
  listSignInsInput,
  signInIdInput,
  signInListView,
  signInView,
} from '@turnover/domain/people/sign-ins';
import { asOwner, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const signInsRouter = t.router({
  list: signedIn.output(z.array(signInView)).query(({ ctx }) => listSignIns(ctx.hub)),
  end: signedIn
    .input(signInIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => endSignIn(ctx.hub, input.signInId)),
  /** Ends all sign-ins of the caller except the one that the call comes with. */
  endOthers: signedIn.output(endedSignInsView).mutation(({ ctx }) => endOtherSignIns(ctx.hub)),
  listAll: asOwner
    .input(listSignInsInput)
    .output(signInListView)
    .query(({ ctx, input }) => listAllSignIns(ctx.hub, input)),
  endAny: asOwner
    .input(signInIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => endAnySignIn(ctx.hub, input.signInId)),
  /** Ends all sign-ins of a person. API tokens and the account stay. */
  endAllOf: asOwner
    .input(userIdInput)
    .output(endedSignInsView)
    .mutation(({ ctx, input }) => endSignInsOf(ctx.hub, input.userId)),
});
