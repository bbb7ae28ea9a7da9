/** Every list of the product: the page that shows it, and how to open its side panel. */
import type { Page } from '@playwright/test';
import type { LongNames } from './long-names.ts';

export type List = {
  name: string;
  path: string;
  /** Opens the panel beside the list. */
  openPanel?: (page: Page) => Promise<void>;
};

export function everyList({ projectId, requestId }: LongNames): List[] {
  const project = `/p/${projectId}`;
  return [
    { name: 'My work', path: `${project}/work` },
    { name: 'My Workspace', path: `${project}/workspace`, openPanel: openDetails },
    { name: 'Shared with me', path: `${project}/workspace?shared`, openPanel: openDetails },
    { name: 'Trash', path: `${project}/workspace?trash` },
    { name: 'Deliveries', path: `${project}/deliveries` },
    { name: 'files of a request', path: `${project}/deliveries/${requestId}`, openPanel: pressFile },
    { name: 'a round', path: `${project}/deliveries/${requestId}/rounds/1` },
    { name: 'types', path: `${project}/types` },
    { name: 'people, extensions and invitations', path: `${project}/people` },
    { name: 'who has access', path: `${project}/people/access` },
    { name: 'projects', path: '/projects' },
    { name: 'tokens and sign-ins', path: '/account' },
    { name: 'unfinished uploads', path: '/server/uploads' },
    { name: 'audit log', path: '/server/audit' },
    { name: 'sign-ins of everybody', path: '/server/sign-ins' },
    { name: 'settings', path: '/server/settings' },
  ];
}

const rows = (page: Page) =>
  page.locator('[role="grid"] [data-row], [data-work-row]').filter({ visible: true });
export const firstRow = (page: Page) => rows(page).first();
const panel = (page: Page) => page.locator('.side-panel');

async function openDetails(page: Page): Promise<void> {
  const row = firstRow(page);
  await row.hover();
  await row.locator('.row-extra').first().click();
  await panel(page).waitFor();
}

/** The first row is a sequence, which opens instead. */
async function pressFile(page: Page): Promise<void> {
  await rows(page).filter({ hasText: '.wav' }).first().locator('.name[role]').click();
  await panel(page).waitFor();
}
