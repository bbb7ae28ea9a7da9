import { error } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

/** For owners of the hub; others get "not found". The filters are in the address. */
export const load: PageLoad = async ({ fetch, parent, depends, url }) => {
  depends('turnover:sign-ins');
  const { account } = await parent();
  if (!account.isOwner) error(404, 'Not found.', { code: 'not_found' });
  const { searchParams } = url;
  const filter = {
    userId: idOf('usr', searchParams.get('userId')),
    inForce: searchParams.get('show') !== 'all',
  };
  const before = idOf('sgn', searchParams.get('before'));
  const client = createClient(fetch);
  const [list, policy] = await Promise.all([
    client.signIns.listAll.query({ ...filter, before }),
    client.secondFactor.policy.query(),
  ]);
  return { title: m.sign_ins_title(), list, policy, filter, isLater: before !== undefined };
};

/** What somebody typed wrong into the address is left out. No schema, because it would bring its library along. */
function idOf(prefix: string, text: string | null): string | undefined {
  return text !== null && new RegExp(`^${prefix}_[a-z2-7]{26}$`).test(text) ? text : undefined;
}
