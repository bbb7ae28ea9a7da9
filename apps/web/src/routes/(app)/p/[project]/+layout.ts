import { error } from '@sveltejs/kit';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, parent }) => {
  const { projects } = await parent();
  const project = projects.find(({ id }) => id === params.project);
  if (!project) error(404, 'Not found.', { code: 'not_found' });
  return { project };
};
