import { error } from '@sveltejs/kit';
import { topics } from '@turnover/domain/events';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, depends }) => {
  depends(topics.requestTypes(params.project));
  const trpc = createClient(fetch);
  const typeId = params.type;
  const type = await trpc.requestTypes.get.query({ typeId });
  // The address names a project; a type of another project is not found here.
  if (type.projectId !== params.project) error(404, 'Not found.', { code: 'not_found' });
  const version = (name: string, otherwise: number) => {
    const asked = Number(url.searchParams.get(name));
    return Number.isInteger(asked) && asked >= 1 && asked <= type.version ? asked : otherwise;
  };
  const [from, to] = [version('from', Math.max(1, type.version - 1)), version('to', type.version)];
  const [before, after] = await Promise.all([
    trpc.requestTypes.version.query({ typeId, version: from }),
    trpc.requestTypes.version.query({ typeId, version: to }),
  ]);
  return { title: m.types_compare_title({ name: type.name }), type, from, to, before, after };
};
