/** Settings of a hub that signs people in at a provider of a test. */
import type { OidcSettings } from '@turnover/domain/people/oidc';

export const providerClient = { clientId: 'turnover', clientSecret: 'the secret of the hub' };

export function settingsFor(issuer: string, more: Partial<OidcSettings> = {}): OidcSettings {
  return {
    issuer,
    ...providerClient,
    scopes: 'openid email profile',
    label: 'Northlight',
    groupsClaim: 'groups',
    roles: [],
    companies: [],
    only: false,
    newPeople: 'invited',
    trustsAddresses: false,
    secondFactor: 'hub',
    ...more,
  };
}
