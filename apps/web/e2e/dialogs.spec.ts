// Every dialog opens, passes axe in both themes, and closes by Escape.
import type { Locator, Page } from '@playwright/test';
import { axeFor } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { createLongNames, type LongNames } from './long-names.ts';
import { askOf, callOf } from './people.ts';

type Step = (page: Page) => Locator;
/** Selectors to press one after the other; the last press opens the dialog. */
type Opening = readonly Step[];

const button =
  (name: string | RegExp): Step =>
  (page) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).first();
const item =
  (name: string): Step =>
  (page) =>
    page.getByRole('menuitem', { name, exact: true });
const box =
  (name: string | RegExp): Step =>
  (page) =>
    page.getByRole('checkbox', { name }).first();
const tab =
  (name: RegExp): Step =>
  (page) =>
    page.getByRole('tab', { name });
const inMenu = (menu: string | RegExp, ...names: string[]): Opening[] =>
  names.map((name) => [button(menu), item(name)]);
/** Steps inside the page or menu that the previous opening left open. */
const then = (...steps: Step[]): Opening => steps;

test('every dialog passes axe in both themes and closes by Escape', async ({
  browser,
  owner,
  signIn,
  hub,
}) => {
  test.setTimeout(600_000);
  const context = await browser.newContext({ baseURL: hub.address, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const long = await createLongNames(browser, page, owner, signIn);
  const fileName = await shareFile(page, long);
  for (const [path, openings] of Object.entries(everyDialog(long, fileName))) {
    await test.step(path, async () => {
      await page.goto(path);
      for (const opening of openings) await checkDialog(page, opening);
    });
  }
  await test.step('the partner’s dialogs', async () => {
    const { page: partner } = long.partner;
    await partner.goto(`/p/${long.projectId}/deliveries/${long.requestId}`);
    for (const opening of inMenu('More actions for this request', 'Promise a date…'))
      await checkDialog(partner, opening);
  });
  await long.partner.page.context().close();
  await context.close();
});

function everyDialog({ projectId, requestId }: LongNames, file: string): Record<string, Opening[]> {
  const project = `/p/${projectId}`;
  return {
    '/projects': [[button('New project')]],
    '/account': [[button('New token')], [button(/^Revoke token/)]],
    '/server/reasons': [[button('New reason')], ...inMenu('Actions for “Other”', 'Edit')],
    '/server/uploads': [[box(/^Choose the upload/), button('Discard')]],
    [`${project}/people`]: [
      [button('Invite people')],
      [button(/^Show the link for/)],
      [button(/^Revoke the invitation/)],
      [button(/^Remove Wilhelmina/)],
      [button('Change')],
      [button(/^Grant/)],
      [button(/^Decline/)],
    ],
    [`${project}/types`]: [[button('New type')], ...inMenu(/^Actions for/, 'Edit')],
    [`${project}/deliveries`]: [
      [button('New request')],
      [button('Import list…')],
      [button('Views'), item('Save as a new view…')],
      ...inMenu('Actions for Key art', 'Change due date…', 'Assign…', 'Duplicate…', 'Cancel request…'),
      [box('Select Key art'), button('Due date…')],
      then(button('Assign…')),
      then(button('Cancel request…')),
    ],
    [`${project}/deliveries/${requestId}`]: [
      [button('Upload')],
      ...inMenu(
        'More actions for this request',
        'Assign…',
        'Edit…',
        'Duplicate…',
        'Clear all files…',
        'Removed files…',
        'Cancel request…',
      ),
      ...inMenu('Actions for short.wav', 'Remove'),
      [box('Select short.wav'), button('Remove selected files')],
    ],
    [`${project}/workspace`]: [
      [button('Upload')],
      [button('New folder')],
      [button('Search all folders')],
      ...inMenu(`Actions for ${file}`, 'Share…', 'Move to…', 'Rename', 'Delete for everyone'),
      [button(`Details of ${file}`), tab(/^People/), button('Why can they see this?')],
      then(button('Stop sharing')),
      ...inMenu(/^Actions for Wilhelmina/, 'Edit', 'Revoke access'),
    ],
    [`${project}/workspace?shared`]: [
      ...inMenu(/^Actions for Mixes/, 'Remove from my list'),
      [button(/^Details of Mixes/), tab(/^People/), button('Remove from my list')],
    ],
    [`${project}/workspace?trash`]: [[button(/for good$/)], [button('Empty trash')]],
  };
}

async function checkDialog(page: Page, opening: Opening) {
  for (const step of opening) await step(page).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  const title = await dialog.getByRole('heading').first().textContent();
  for (const theme of ['dark', 'light']) {
    await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme);
    const axe = (await axeFor(page)).include('[role=dialog]');
    // Only the colours differ between the themes.
    if (theme === 'light') axe.withRules('color-contrast');
    const { violations } = await axe.analyze();
    const found = violations.map(({ id, nodes }) => [id, nodes[0]?.html.slice(0, 300)]);
    expect.soft(found, `${title}, ${theme}`).toEqual([]);
  }
  await page.keyboard.press('Escape');
  await expect(dialog, `${title} closes by Escape`).toHaveCount(0);
}

/** Shares a file of the owner with the partner. Returns its name. */
async function shareFile(page: Page, { projectId, partner }: LongNames): Promise<string> {
  const name = 'short.wav';
  const { entries } = await askOf(page, 'workspace.list', { projectId });
  const entryIds = [entries.find((entry: { name: string }) => entry.name === name).id as string];
  await callOf(page, 'shares.create', { projectId, entryIds, people: [partner.email], canShare: true });
  return name;
}
