/** Who the caller is at the OpenID provider. Signing in there is no call of the API. */
import { z } from 'zod';
import { ownIdentities, proveForConnection, removeIdentity } from '@turnover/core/oidc/identities';
import {
  connectIdentityView,
  ownIdentitiesView,
  proveIdentityInput,
  removeIdentityInput,
} from '@turnover/domain/people/oidc';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const identitiesRouter = t.router({
  list: signedIn.output(ownIdentitiesView).query(({ ctx }) => ownIdentities(ctx.hub)),
  /** Returns where the browser goes on to the provider, which connects the account when it comes back. */
  begin: signedIn
    .input(proveIdentityInput)
    .output(connectIdentityView)
    .mutation(({ ctx, input }) => proveForConnection(ctx.hub, input)),
  /** Takes away what groups at the provider gave. Refused for a person without a password. */
  remove: signedIn
    .input(removeIdentityInput)
    .output(z.void())
    .mutation(({ ctx, input }) => removeIdentity(ctx.hub, input)),
});
