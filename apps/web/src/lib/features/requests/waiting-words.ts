/** Whom a request waits for. */
import type { RequestView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';

/** Shown in place of the next step to people who may not take it; null: they may, or nobody is waited for. */
export function waitingWords({ status, possible }: Pick<RequestView, 'status' | 'possible'>): string | null {
  const mayNever = (action: 'submit' | 'accept') => possible[action]?.code === 'forbidden';
  if (status === 'processed') return mayNever('accept') ? m.requests_waiting_for_coordinator() : null;
  const isOpen = status === 'open' || status === 'redelivery';
  const isDelivering = possible.add?.code !== 'forbidden';
  return isOpen && isDelivering && mayNever('submit') ? m.request_waiting_for_submit() : null;
}
