/** The words for sign-ins: how they began and why they ended. */
import type { SecondFactor, SignInEnd, SignInMethod } from '@turnover/domain/people/sign-ins';
import * as m from '@turnover/messages/messages';

const methodWords: Record<SignInMethod, () => string> = {
  password: m.sign_ins_method_password,
  link: m.sign_ins_method_link,
  passkey: m.sign_ins_passkey,
  oidc: m.sign_ins_method_oidc,
};

export const endWords: Record<SignInEnd, () => string> = {
  signedOut: m.sign_ins_end_by_signed_out,
  ended: m.sign_ins_end_by_ended,
  owner: m.sign_ins_end_by_owner,
  password: m.sign_ins_end_by_password,
  disabled: m.sign_ins_end_by_disabled,
  expired: m.sign_ins_end_by_expired,
  restored: m.sign_ins_end_by_restored,
};

const factorWords: Record<SecondFactor, () => string> = {
  code: m.sign_ins_factor_code,
  recoveryCode: m.sign_ins_factor_recovery,
  passkey: m.sign_ins_passkey,
  provider: m.sign_ins_factor_provider,
};

type Origin = { address: string | null; method: SignInMethod | null; factor: SecondFactor | null };

/** "203.0.113.7 · password + code" */
export function originWords({ address, method, factor }: Origin): string {
  const steps = [method && methodWords[method](), factor && factorWords[factor]()];
  const parts = [address ?? m.sign_ins_unknown_address(), steps.filter(Boolean).join(' + ')];
  return parts.filter(Boolean).join(' · ');
}
