/** The passkeys of the caller. Signing in with one is no call of the API. */
import { z } from 'zod';
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from '@turnover/core/people/passkeys';
import {
  addedPasskeyView,
  addPasskeyInput,
  beginPasskeyInput,
  passkeyOptionsView,
  passkeyView,
  removePasskeyInput,
} from '@turnover/domain/people/passkeys';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const passkeysRouter = t.router({
  list: signedIn.output(z.array(passkeyView)).query(({ ctx }) => listPasskeys(ctx.hub)),
  /** Returns what `navigator.credentials.create` needs. `passkeys.add` takes what it returns, within five minutes. */
  begin: signedIn
    .input(beginPasskeyInput)
    .output(passkeyOptionsView)
    .mutation(({ ctx, input }) => beginPasskey(ctx.hub, input)),
  add: signedIn
    .input(addPasskeyInput)
    .output(addedPasskeyView)
    .mutation(({ ctx, input }) => addPasskey(ctx.hub, input)),
  remove: signedIn
    .input(removePasskeyInput)
    .output(z.void())
    .mutation(({ ctx, input }) => removePasskey(ctx.hub, input)),
});
