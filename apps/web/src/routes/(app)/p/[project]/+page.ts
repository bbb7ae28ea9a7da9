// Redirects from a project's address to its first page.
import { redirect } from '@sveltejs/kit';
import { startOf } from '#lib/shell/navigation-for.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { account, project } = await parent();
  redirect(307, startOf(project, account.isOwner));
};
