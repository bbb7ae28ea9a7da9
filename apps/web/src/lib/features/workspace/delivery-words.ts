/** Texts about where files were delivered. */
import type { DeliveryState, EntryDelivery } from '@turnover/domain/workspace/deliveries';
import type { EntryView } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { formatNumber } from '#lib/format.ts';

const stateWords: Record<DeliveryState, () => string> = {
  added: m.delivery_state_added,
  submitted: m.delivery_state_submitted,
  processing: m.delivery_state_processing,
  processed: m.delivery_state_processed,
  accepted: m.delivery_state_accepted,
  returned: m.delivery_state_returned,
  superseded: m.delivery_state_superseded,
  cancelled: m.delivery_state_cancelled,
};

export function deliverySentence({ requestName: request, round, state }: EntryDelivery): string {
  if (state === 'added') return m.delivery_added({ request });
  return m.delivery_in_round({ request, round, state: stateWords[state]() });
}

type DeliveryLine = { text: string; requestId?: string; state?: DeliveryState };

/** Returns up to two lines for a list; none when nothing is known, and for a folder without files. */
export function deliveryLines({ kind, files, delivery }: EntryView): DeliveryLine[] {
  const total = kind === 'file' ? 1 : (files ?? 0);
  if (!delivery || total === 0) return [];
  const { delivered, latest, more } = delivery;
  if (!latest) return [unseenLine(delivered, total)];
  const { requestId, requestName, round, state } = latest;
  const request = { text: requestName, requestId };
  const inRound = { text: m.delivery_round({ round, state: stateWords[state]() }), state };
  if (latest.files === total) return [request, inRound];
  const some =
    delivered > 0
      ? m.delivery_some(countsOf({ delivered }, total))
      : m.delivery_added_some(countsOf({ added: latest.files }, total));
  return [{ text: some }, more === 0 ? request : { text: m.delivery_to_requests({ count: more + 1 }) }];
}

/** Returns true when anything of the entry was delivered, or added to a request. */
export function isDelivered({ delivery }: Pick<EntryView, 'delivery'>): boolean {
  return delivery !== null && (delivery.latest !== null || delivery.delivered > 0);
}

function unseenLine(delivered: number, total: number): DeliveryLine {
  if (delivered === 0) return { text: m.delivery_none() };
  return {
    text: delivered === total ? m.delivery_column() : m.delivery_some(countsOf({ delivered }, total)),
  };
}

function countsOf<Key extends string>(some: Record<Key, number>, total: number) {
  const entries = Object.entries<number>({ ...some, files: total });
  return Object.fromEntries(entries.map(([key, value]) => [key, formatNumber(value)])) as Record<
    Key | 'files',
    string
  >;
}
