// A request is assigned, and its people promise a date.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, type Colleague } from './people.ts';

let projectId: string;
let lead: Colleague;
let pat: Colleague;
let mia: Colleague;
const requestName = 'Sound mix, reel 4';
const hour = 3600_000;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Far Light' })).id as string;
  const { id } = await callOf(page, 'companies.create', { name: 'Blue Door Sound' });
  lead = await joinProject(browser, page, projectId, 'Leo Lead', 'leo@rows.example', 'coordinator');
  pat = await joinProject(
    browser,
    page,
    projectId,
    'Paz Partner',
    'paz@rows.example',
    'partner',
    id as string,
  );
  mia = await joinProject(browser, page, projectId, 'Mia Mixer', 'mia@rows.example', 'partner');
  await page.close();
});
test.afterAll(async () => {
  for (const { page } of [lead, pat, mia]) await page.context().close();
});

const moreOf = (page: Page) => page.getByRole('button', { name: 'More actions for this request' });
const itemOf = (page: Page, name: RegExp | string) => page.getByRole('menuitem', { name });
const dialogOf = (page: Page) => page.getByRole('dialog');
const header = (page: Page) => page.locator('header').first();

async function choose(page: Page, item: RegExp | string): Promise<void> {
  await moreOf(page).click();
  await itemOf(page, item).click();
}

async function expectStatus(page: Page, status: string): Promise<void> {
  await expect(header(page).getByText(status, { exact: true }).first()).toBeVisible({ timeout: 60_000 });
}

test(
  'a request is assigned to a company or a person, and they promise a date with a reason',
  { tag: ['@B1', '@B2', '@B15', '@B16'] },
  async () => {
    const { page } = lead;
    await page.goto(`/p/${projectId}/deliveries`);
    await page.getByRole('button', { name: 'New request' }).first().click();
    await dialogOf(page).getByLabel('Name', { exact: true }).fill(requestName);
    await dialogOf(page).getByLabel('Description').fill('Near field, 5.1 and stereo.');
    await expectAccessible(page, 'a new request');
    const soon = new Date(Date.now() + 30 * hour);
    await dialogOf(page)
      .getByLabel(/^Due date/)
      .fill(localInput(soon));
    await dialogOf(page).getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { name: requestName, level: 1 })).toBeVisible();

    await choose(page, 'Assign…');
    await dialogOf(page)
      .getByRole('checkbox', { name: /^Blue Door Sound \(company\)/ })
      .check();
    await dialogOf(page)
      .getByRole('checkbox', { name: /^Mia Mixer/ })
      .check();
    await expectAccessible(page, 'who is assigned');
    await dialogOf(page).getByRole('button', { name: 'Save' }).click();
    await expect(header(page)).toContainText('Blue Door Sound');
    await expect(header(page)).toContainText('Mia Mixer');
    await expectStatus(page, 'Open');

    await test.step('the company’s people find it in their list, and promise another date', async () => {
      const { page: list } = pat;
      await list.goto(`/p/${projectId}/deliveries`);
      const row = list.getByRole('row').filter({ hasText: requestName });
      await expect(row).toContainText('Open');
      await expect(row).toContainText(/Due in \d+ (h|days?)/);
      await row.getByRole('link', { name: requestName }).click();
      await expect(list.getByText('Near field, 5.1 and stereo.')).toBeVisible();
      await choose(list, 'Promise a date…');
      const later = new Date(Date.now() + 200 * hour);
      await dialogOf(list)
        .getByLabel(/^Promised date/)
        .fill(localInput(later));
      await expect(dialogOf(list).getByRole('button', { name: 'Save' })).toBeDisabled();
      await dialogOf(list)
        .getByLabel(/^Reason/)
        .fill('The foley is late');
      await expectAccessible(list, 'a promise');
      await dialogOf(list).getByRole('button', { name: 'Save' }).click();
      await expect(header(list)).toContainText('Promised for');
    });

    await test.step('the list says how urgent it is, and by which rule', async () => {
      await page.goto(`/p/${projectId}/deliveries`);
      const urgent = page.getByRole('group', { name: 'How urgent' });
      await expect(urgent.getByRole('button')).toHaveText([
        /Critical.*1.*overdue, due within \d+ h, or promised for after the due date/s,
        /At risk.*0.*due within \d+ days/s,
        /On track.*0.*Everything else still open/s,
      ]);
      await page.getByRole('link', { name: requestName }).click();
      await expect(header(page)).toContainText('Promised for');
      await expect(header(page)).toContainText('The foley is late');
    });
  },
);

/** Formats a moment as the value of a `datetime-local` field. */
function localInput(moment: Date): string {
  return moment.toISOString().slice(0, 16);
}
