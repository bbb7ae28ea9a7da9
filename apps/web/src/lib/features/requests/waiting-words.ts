/** Texts about whom a request waits for. */
import type { RequestView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';

/**
 * Returns the text shown in place of the next step to people who may not take it; null when they may, or when nobody
 * has to act.
 */
export function waitingWords({ status, possible }: Pick<RequestView, 'status' | 'possible'>): string | null {
  const mayNever = (action: 'submit' | 'accept') => possible[action]?.code === 'forbidden';
  if (status === 'processed') return mayNever('accept') ? m.requests_waiting_for_coordinator() : null;
  const isOpen = status === 'open' || status === 'redelivery';
  const isDelivering = possible.add?.code !== 'forbidden';
  return isOpen && isDelivering && mayNever('submit') ? m.request_waiting_for_submit() : null;
}
