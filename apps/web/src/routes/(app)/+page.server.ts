// The start page: the person's first project, or else the list of projects.
import { redirect } from '@sveltejs/kit';
import { startOf } from '#lib/shell/navigation-for.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ parent }) => {
  const { account, projects } = await parent();
  const first = projects.find(({ role }) => role !== null);
  redirect(303, first ? startOf(first, account.isOwner) : '/projects');
};
