/** The words for sign-ins: how they began and why they ended. */
import type { SignInEnd, SignInMethod } from '@turnover/domain/people/sign-ins';
import * as m from '@turnover/messages/messages';

const methodWords: Record<SignInMethod, () => string> = {
  password: m.sign_ins_method_password,
  link: m.sign_ins_method_link,
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

/** "203.0.113.7 · password" */
export function originWords({
  address,
  method,
}: {
  address: string | null;
  method: SignInMethod | null;
}): string {
  const parts = [address ?? m.sign_ins_unknown_address(), method && methodWords[method]()];
  return parts.filter(Boolean).join(' · ');
}
