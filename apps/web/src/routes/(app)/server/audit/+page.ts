import { error } from '@sveltejs/kit';
import type { AuditFilter } from '@turnover/domain/server/audit';
import { auditAreas } from '@turnover/domain/server/audit-areas';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

const dayMs = 24 * 3600_000;

/** For owners of the hub; others get "not found". The filters are in the address. */
export const load: PageLoad = async ({ fetch, parent, depends, url }) => {
  depends('turnover:audit');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const asked = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''));
  const { from, to, before } = asked;
  const filter = { ...readFilter(asked), from: dayOf(from), to: dayOf(to, dayMs) };
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

/** What somebody typed wrong into the address is left out. No schema, because it would bring its library along. */
function readFilter({ area, actorId, projectId, text }: Record<string, string | undefined>): AuditFilter {
  return {
    area: auditAreas.find((each) => each === area),
    actorId: idOf('usr', actorId),
    projectId: idOf('prj', projectId),
    text: text?.trim().slice(0, 200) || undefined,
  };
}

function idOf(prefix: string, text = ''): string | undefined {
  return new RegExp(`^${prefix}_[a-z2-7]{26}$`).test(text) ? text : undefined;
}
