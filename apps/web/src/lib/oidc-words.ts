/** What to do when a sign-in at the OpenID provider failed. */
import { isOidcRefusal, type OidcRefusal } from '@turnover/domain/people/oidc-refusals';
import * as m from '@turnover/messages/messages';

const words: Record<OidcRefusal, (input: { provider: string }) => string> = {
  down: m.oidc_problem_down,
  wrong: m.oidc_problem_wrong,
  denied: m.oidc_problem_denied,
  expired: () => m.oidc_problem_expired(),
  notConnected: m.oidc_problem_not_connected,
  disabled: () => m.oidc_problem_disabled(),
  taken: m.oidc_problem_taken,
  address: m.oidc_problem_address,
  groups: m.oidc_problem_groups,
  invitation: () => m.oidc_problem_invitation(),
  busy: () => m.oidc_problem_busy(),
};

/**
 * `problem`: from the address of the page. Undefined for any other text, which anybody may have written there. `isOnly`: nobody
 * signs in here in another way, to connect their account.
 */
export function oidcProblemWords(
  problem: string | null,
  provider: string | null,
  isOnly = false,
): string | undefined {
  if (!isOidcRefusal(problem) || provider === null) return undefined;
  if (problem === 'notConnected' && isOnly) return m.oidc_problem_not_connected_only({ provider });
  return words[problem]({ provider });
}
