/** The data of the frame around signed-in pages, loaded by its layout. */

export const pages = [
  'work',
  'workspace',
  'deliveries',
  'activity',
  'types',
  'people',
  'projectSettings',
  'projects',
  'companies',
  'server',
] as const;
export type PageName = (typeof pages)[number];

/** One entry of the navigation. The list contains only pages that the person may see. */
export type NavigationEntry = { page: PageName; href: string; count?: number };
export type ShellProject = { id: string; name: string; detail?: string; href: string };

export type ShellData = {
  user: { name: string; detail: string };
  project: ShellProject | null;
  projects: ShellProject[];
  navigation: NavigationEntry[];
};

/** Returns the entry with the longest address that the current address begins with. */
export function currentEntry(
  navigation: readonly NavigationEntry[],
  path: string,
): NavigationEntry | undefined {
  return navigation
    .filter(({ href }) => path === href || path.startsWith(`${href}/`))
    .sort((one, other) => other.href.length - one.href.length)[0];
}
