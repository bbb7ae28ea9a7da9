/** Signing in at an OpenID provider of the house: what the hub is told about it, and what the provider says about people. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import type { Role } from './projects.ts';
import { proveFactorInput } from './second-factors.ts';

/** What a group of the provider gives: owner of the hub, or a role in a project. */
export type GroupRole = { group: string; gives: { role: 'owner' } | { role: Role; projectId: string } };
/** The company, by name, of the people in a group. */
export type GroupCompany = { group: string; company: string };

/**
 * Who gets an account at the first sign-in: only people with an invitation, also those whom a group gives a role, or
 * everybody whom the provider knows.
 */
export type NewPeople = 'invited' | 'groups' | 'everybody';

/** Whether a sign-in at the provider needs no second step here: never, always, or when its token says that it had two. */
export type ProviderFactor = 'hub' | 'provider' | 'amr';

export type OidcSettings = {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  /** Separated by spaces. */
  scopes: string;
  /** The provider's name on the button. */
  label: string;
  groupsClaim: string;
  roles: GroupRole[];
  companies: GroupCompany[];
  /** True when passwords and passkeys sign nobody in. */
  only: boolean;
  newPeople: NewPeople;
  /** True when an address makes an account although the provider does not say whether it is confirmed. */
  trustsAddresses: boolean;
  secondFactor: ProviderFactor;
};

/** What the provider says about the person who signed in. All of it is checked for its form only. */
export type ProviderClaims = {
  issuer: string;
  subject: string;
  email: string | null;
  /** Null when the provider does not say. */
  isEmailVerified: boolean | null;
  name: string | null;
  groups: string[];
  hasManyFactors: boolean;
  /** For the sign-out at the provider. */
  idToken: string;
};

/** How long a sign-in may take at the provider. */
export const oidcFlowMs = 10 * 60_000;
/** How soon after its proof a connection must begin. */
export const oidcTicketMs = 60_000;

export const identityView = z.object({
  id: z.string(),
  /** The address of the provider. */
  issuer: z.string(),
  /** How the provider names the person. */
  subject: z.string(),
  /** As the provider said at the latest sign-in. */
  email: z.string().nullable(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
});
export type IdentityView = z.infer<typeof identityView>;

export const ownIdentitiesView = z.object({
  /** The provider's name; null when this hub has none. */
  provider: z.string().nullable(),
  identities: z.array(identityView),
  /** True when another one can be connected. */
  mayConnect: z.boolean(),
});
export type OwnIdentitiesView = z.infer<typeof ownIdentitiesView>;

/** The code is needed by people with a second factor only. */
export const proveIdentityInput = proveFactorInput.partial({ code: true });
export const connectIdentityView = z.object({
  /** Where the browser goes on, within a minute. */
  path: z.string(),
});
export const removeIdentityInput = proveIdentityInput.extend({ identityId: idSchema('identity') });
