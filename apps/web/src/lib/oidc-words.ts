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
};

/** `problem`: from the address of the page. Undefined for any other text, which anybody may have written there. */
export function oidcProblemWords(problem: string | null, provider: string | null): string | undefined {
  return isOidcRefusal(problem) && provider !== null ? words[problem]({ provider }) : undefined;
}
