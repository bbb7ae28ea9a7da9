/** Second factors: authenticator apps with codes of six digits (RFC 6238), and recovery codes. */
import { z } from 'zod';
import { givenPasswordSchema } from './accounts.ts';
import { roles } from './projects.ts';

/** Half a sign-in waits this long for its second step. */
export const halfSignInMs = 10 * 60_000;
/** How long each code is valid. Authenticator apps support no other value reliably. */
export const codeStepMs = 30_000;
/** Codes of so many steps before and after the present one are accepted. */
export const codeStepsAround = 1;
export const recoveryCodeCount = 10;

/** The key of an authenticator in base32, as apps expect it: 160 bits, the length of the hash. */
export const authenticatorKeySchema = z.string().regex(/^[A-Z2-7]{32}$/);

export const setUpFactorInput = z.object({
  key: authenticatorKeySchema,
  /** Spaces and dashes are ignored. */
  code: z.string().max(40),
  password: givenPasswordSchema,
  /** For a person who has passkeys already. */
  recoveryCode: z.string().max(60).optional(),
});

/** A code of the app, or a recovery code. */
export const secondStepInput = z.object({ code: z.string().max(60) });

/** Changing a second factor requires the password and a code, so that an unattended session cannot do it. */
export const proveFactorInput = secondStepInput.extend({ password: givenPasswordSchema });

export const recoveryCodesView = z.object({ codes: z.array(z.string()) });

/** Who can be required to have a second factor: owners of the hub, and roles in projects. */
export const rolesWithFactor = ['owner', ...roles] as const;
export type RoleWithFactor = (typeof rolesWithFactor)[number];

export const secondFactorView = z.object({
  /** Since when the person has an authenticator; null without one. */
  since: z.number().nullable(),
  recoveryCodesLeft: z.number(),
  /** True when a role of the person requires a second factor. */
  isRequired: z.boolean(),
});
export type SecondFactorView = z.infer<typeof secondFactorView>;

export const factorPolicyView = z.object({
  roles: z.array(z.enum(rolesWithFactor)),
  /** People who have a second factor, and all who can sign in. */
  withFactor: z.number(),
  people: z.number(),
});
export type FactorPolicyView = z.infer<typeof factorPolicyView>;
export const requireFactorInput = z.object({
  roles: z.array(z.enum(rolesWithFactor)).max(rolesWithFactor.length),
});
