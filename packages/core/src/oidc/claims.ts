/** Reads what the OpenID provider says about a person. Every claim may be missing or of another form than expected. */
import { HubError } from '@turnover/domain/errors';
import { emailOf, personNameSchema } from '@turnover/domain/people/accounts';
import type { ProviderClaims } from '@turnover/domain/people/oidc';

const maxSubjectLength = 255;
const maxGroups = 5000;
const maxGroupLength = 500;
/** A longer one is not kept: it would not fit into the address for signing out. */
const maxIdTokenLength = 6000;

type Claims = Record<string, unknown> & { iss: string; sub: string };

/** How a second factor is named in `amr` (RFC 8176) beside the password. */
const otherFactors = ['otp', 'hwk', 'swk', 'sms', 'tel', 'fpt', 'face', 'iris', 'vbm'];

export function claimsOf(claims: Claims, groupsClaim: string, idToken: string): ProviderClaims {
  if (claims.sub === '' || claims.sub.length > maxSubjectLength) throw unreadable('wrong');
  const { email, email_verified: verified, name } = claims;
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof email === 'string' ? emailOf(email) : null,
    isEmailVerified:
      verified === undefined || verified === null ? null : verified === true || verified === 'true',
    name: personNameSchema.safeParse(name).data ?? null,
    groups: groupsOf(claims, groupsClaim),
    hasManyFactors: hasManyFactors(claims.amr),
    idToken: idToken.length <= maxIdTokenLength ? idToken : '',
  };
}

/**
 * Throws for groups in another form, and for groups that the provider left out because they are too many: somebody would lose
 * their roles. A missing claim means no groups.
 */
function groupsOf(claims: Claims, groupsClaim: string): string[] {
  const elsewhere = claims._claim_names;
  if (typeof elsewhere === 'object' && elsewhere !== null && groupsClaim in elsewhere)
    throw unreadable('groups');
  const groups = claims[groupsClaim] ?? [];
  const list = typeof groups === 'string' ? [groups] : groups;
  if (!Array.isArray(list) || list.length > maxGroups || !list.every(isGroup)) throw unreadable('groups');
  return list;
}

function isGroup(group: unknown): group is string {
  return typeof group === 'string' && group.length <= maxGroupLength;
}

function hasManyFactors(amr: unknown): boolean {
  if (!Array.isArray(amr)) return false;
  return amr.includes('mfa') || (amr.includes('pwd') && otherFactors.some((factor) => amr.includes(factor)));
}

function unreadable(reason: 'wrong' | 'groups'): HubError {
  return new HubError('oidc_refused', 'The OpenID provider says something unreadable.', { reason });
}
