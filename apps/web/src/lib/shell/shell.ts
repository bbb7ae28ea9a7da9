/** What the frame around the signed-in pages shows; the load of its layout gives it. */

export const pages = [
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

/** Only pages that this person may see are in the list. */
export type NavigationEntry = { page: PageName; href: string; count?: number };
export type ShellProject = { id: string; name: string; detail?: string; href: string };

export type ShellData = {
  user: { name: string; detail: string };
  project: ShellProject | null;
  projects: ShellProject[];
  navigation: NavigationEntry[];
};

/** The entry whose address is the longest beginning of the present one. */
export function currentEntry(
  navigation: readonly NavigationEntry[],
  path: string,
): NavigationEntry | undefined {
  return navigation
    .filter(({ href }) => path === href || path.startsWith(`${href}/`))
    .sort((one, other) => other.href.length - one.href.length)[0];
}
