import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

const abouts = ['request', 'file', 'upload', 'member'] as const;

/** The filters are in the address. */
export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  const projectId = params.project;
  depends(topics.requests(projectId), topics.members(projectId));
  const trpc = createClient(fetch);
  const query = {
    about: abouts.find((about) => about === url.searchParams.get('about')) ?? null,
    personId: url.searchParams.get('person'),
    requestId: url.searchParams.get('request'),
  };
  const [activity, { requests }] = await Promise.all([
    trpc.activity.list.query({ projectId, ...query }),
    trpc.requests.list.query({ projectId, sort: 'name', limit: 500 }),
  ]);
  return { title: m.activity_title(), query, activity, requests };
};
