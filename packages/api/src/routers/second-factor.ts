/**
 * The second factor of the caller, and for owners of the hub who must have one. It is set up on the page `/second-factor`, which
 * also people see who may not do anything else yet.
 */
import { z } from 'zod';
import { factorPolicy, requireFactor } from '@turnover/core/people/factor-policy';
import {
  removeSecondFactor,
  renewCodes,
  resetSecondFactor,
  secondFactorOf,
} from '@turnover/core/people/second-factor';
import { userIdInput } from '@turnover/domain/people/accounts';
import {
  factorPolicyView,
  proveFactorInput,
  recoveryCodesView,
  requireFactorInput,
  secondFactorView,
} from '@turnover/domain/people/second-factors';
import { asOwner, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const secondFactorRouter = t.router({
  get: signedIn.output(secondFactorView).query(({ ctx }) => secondFactorOf(ctx.hub)),
  remove: signedIn
    .input(proveFactorInput)
    .output(z.void())
    .mutation(({ ctx, input }) => removeSecondFactor(ctx.hub, input)),
  /** Replaces the recovery codes. They are returned only this once. */
  renewCodes: signedIn
    .input(proveFactorInput)
    .output(recoveryCodesView)
    .mutation(async ({ ctx, input }) => ({ codes: await renewCodes(ctx.hub, input) })),
  policy: asOwner.output(factorPolicyView).query(({ ctx }) => factorPolicy(ctx.hub)),
  /** Chooses who must have a second factor. People without one can then do nothing but set it up; API tokens go on. */
  require: asOwner
    .input(requireFactorInput)
    .output(z.void())
    .mutation(({ ctx, input }) => requireFactor(ctx.hub, input)),
  /** Removes the second factor of a person who lost it. The person is notified. */
  reset: asOwner
    .input(userIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => resetSecondFactor(ctx.hub, input.userId)),
});
