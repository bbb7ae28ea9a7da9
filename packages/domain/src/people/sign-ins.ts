/** Sign-ins of people: those in force, and those that ended. */
import { z } from 'zod';
import { dayMs } from '../days.ts';
import { idSchema } from '../ids.ts';
import { identityView } from './oidc.ts';

/** `link`: a link that works once, to set up the hub, to join a project or to choose a password. `oidc`: at the OpenID provider. */
export const signInMethods = ['password', 'link', 'passkey', 'oidc'] as const;
export type SignInMethod = (typeof signInMethods)[number];

/** What proved the second step of a sign-in. `provider`: the OpenID provider asked for it. */
export const secondFactors = ['code', 'recoveryCode', 'passkey', 'provider'] as const;
export type SecondFactor = (typeof secondFactors)[number];

/** Why a sign-in ended. `ended`: its person ended it from elsewhere. `password`: the password changed. */
export const signInEnds = [
  'signedOut',
  'ended',
  'owner',
  'password',
  'disabled',
  'expired',
  'restored',
] as const;
export type SignInEnd = (typeof signInEnds)[number];

/** Ended sign-ins are kept for this long, and the latest one of each person for ever. */
export const signInsKeptMs = 180 * dayMs;

const signInFacts = z.object({
  id: z.string(),
  method: z.enum(signInMethods).nullable(),
  /** Null without a second step. */
  factor: z.enum(secondFactors).nullable(),
  /** The names of the browser and the system; null when they are not recognised. */
  browser: z.string().nullable(),
  system: z.string().nullable(),
  /** The network address at the sign-in; null when it is not known. */
  address: z.string().nullable(),
  createdAt: z.number(),
  /** To within five minutes. */
  lastUsedAt: z.number(),
});

export const signInView = signInFacts.extend({
  /** True for the sign-in that asks. */
  isCurrent: z.boolean(),
});
export type SignInView = z.infer<typeof signInView>;

export const anySignInView = signInFacts.extend({
  person: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  /** Null while it is in force. */
  endedAt: z.number().nullable(),
  endedBy: z.enum(signInEnds).nullable(),
});
export type AnySignInView = z.infer<typeof anySignInView>;

export const signInIdInput = z.object({ signInId: idSchema('signIn') });

export const listSignInsInput = z.object({
  /** Only those of this person. */
  userId: idSchema('user').optional(),
  /** True for those in force only. */
  inForce: z.boolean().default(false),
  /** Returns older ones than this, for the next page. */
  before: idSchema('signIn').optional(),
  limit: z.number().int().min(1).max(200).default(100),
});

export const signInListView = z.object({
  signIns: z.array(anySignInView),
  /** The `before` of the next page; null at its end. */
  next: z.string().nullable(),
  /** The person of the filter; null without one. */
  person: z
    .object({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      hasSecondFactor: z.boolean(),
      identities: z.array(identityView),
    })
    .nullable(),
});
export type SignInListView = z.infer<typeof signInListView>;

export const endedSignInsView = z.object({ ended: z.number() });
