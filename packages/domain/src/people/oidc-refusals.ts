/** Apart from the other facts of the provider, so that the sign-in page loads no schemas. */

/** Why a sign-in at the provider failed, for the page that says what to do. */
export const oidcRefusals = [
  /** The provider does not answer, or says that it cannot now. */
  'down',
  /** It answers something that is not right; the log says what. */
  'wrong',
  /** The person or the provider broke off. */
  'denied',
  /** It took too long, or began in another browser. */
  'expired',
  /** Nobody here is connected with this identity. */
  'notConnected',
  /** The account is disabled. */
  'disabled',
  /** The identity belongs to another account. */
  'taken',
  /** An account cannot be made without a proper address. */
  'address',
  /** The groups cannot be read, so that roles are unknown. */
  'groups',
  /** The invitation was revoked, used or too old when its person came back. */
  'invitation',
  /** Too many sign-ins began from one network. */
  'busy',
] as const;
export type OidcRefusal = (typeof oidcRefusals)[number];

export function isOidcRefusal(text: string | null): text is OidcRefusal {
  return (oidcRefusals as readonly (string | null)[]).includes(text);
}
