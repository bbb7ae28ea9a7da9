import { error } from '@sveltejs/kit';
import { auditFilterInput } from '@turnover/domain/server/audit';
import { dayMs } from '@turnover/domain/days';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". The filters are in the address. */
export const load: PageLoad = async ({ fetch, parent, depends, url }) => {
  depends('turnover:audit');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const asked = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''));
  const { from, to, before } = asked;
  const filter = readFilter({ ...asked, from: dayOf(from), to: dayOf(to, dayMs) });
  const { audit } = createClient(fetch);
  const [state, list] = await Promise.all([
    audit.state.query(),
    audit.list.query({ ...filter, before: numberOf(before) }),
  ]);
  return { title: m.audit_title(), state, list, filter, days: { from, to }, isLater: before !== undefined };
};

/** Days are those of UTC, as in the exports, so that everybody who opens the address sees the same. */
function dayOf(day: string | undefined, moreMs = 0): number | undefined {
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : at + moreMs;
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? '', 10);
  return number >= 1 ? number : undefined;
}

/** A filter that somebody typed wrong into the address is left out. */
function readFilter(asked: Record<string, unknown>) {
  const { shape } = auditFilterInput;
  const known = Object.entries(shape).flatMap(([name, schema]) => {
    const { data } = schema.safeParse(asked[name]);
    return data === undefined ? [] : [[name, data]];
  });
  return auditFilterInput.parse(Object.fromEntries(known));
}
