// What the frame shows to whom.
import type { ShellData } from '#lib/shell/shell.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = () => {
  const shell: ShellData = { user: { name: '', detail: '' }, project: null, projects: [], navigation: [] };
  return { shell };
};
