// From a Workspace into a request: files and folders at once, and replacing files in Redelivery.
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';

let projectId: string;
let lead: Colleague;
let luis: Colleague;
let requestId: string;
const requestName = 'Sound, reel 3';

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Western Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Mara Lead', 'mara@example.com', 'coordinator');
  luis = await joinProject(browser, page, projectId, 'Luis Partner', 'luis@example.com');
  await page.close();
  const { id: userId } = await askOf(luis.page, 'account.get');
  const request = { projectId, name: requestName, assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
  await callOf(lead.page, 'requests.create', { projectId, name: 'Not his', assignees: [] });
});
test.afterAll(async () => {
  await lead?.page.context().close();
  await luis?.page.context().close();
});

test('submits several files and a whole folder at once', async () => {
  const { page } = luis;
  for (const path of ['stems/dialogue.wav', 'stems/more/effects.wav', 'mix.wav', 'notes.txt', 'stay.txt']) {
    await upload(page, { projectId }, path, path);
  }
  await page.goto(`/p/${projectId}/workspace`);
  await select(page, ['stems', 'mix.wav', 'notes.txt']);
  await selectionOf(page).getByRole('button', { name: 'Submit' }).click();
  const into = selectionOf(page).getByRole('button', { name: `Submit into: ${requestName}` });
  await into.click();
  // Only the person's own requests.
  await expect(page.getByRole('menuitem')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menuitem')).toHaveCount(0);
  await selectionOf(page).getByRole('button', { name: 'Submit 3 items' }).click();
  await expect(page.getByText(`4 files are now in ${requestName}`)).toBeVisible();
  await expect(selectionOf(page)).toBeHidden();

  await page.getByRole('button', { name: 'Open the request' }).click();
  await expect(page.getByRole('heading', { name: requestName, level: 1 })).toBeVisible();
  await expectFiles(page, ['mix.wav', 'notes.txt', 'stems/dialogue.wav', 'stems/more/effects.wav']);
});

test('replaces an existing file only after confirmation', async () => {
  const { page } = luis;
  await page.goto(`/p/${projectId}/workspace`);
  await select(page, ['mix.wav']);
  await selectionOf(page).getByRole('button', { name: 'Submit' }).click();
  await selectionOf(page).getByRole('button', { name: 'Submit 1 file' }).click();
  const question = page.getByRole('dialog', { name: 'Replace files of the same name?' });
  await question.getByRole('button', { name: 'Replace and submit' }).click();
  await expect(page.getByText(`1 file is now in ${requestName}`)).toBeVisible();
});

test('a redelivery can remove the present files in the same step, after a second press', async () => {
  const { page } = luis;
  await expect.poll(() => submitted(page)).toBe(true);
  await expect.poll(() => statusOf(lead.page)).toBe('processed');
  await callOf(lead.page, 'requests.askForRedelivery', { requestId, reasons: ['wrong_version'] });

  await page.goto(`/p/${projectId}/workspace`);
  await select(page, ['stay.txt', 'notes.txt']);
  await selectionOf(page).getByRole('button', { name: 'Submit' }).click();
  await selectionOf(page).getByRole('switch', { name: 'Clear existing files?' }).check();
  await selectionOf(page).getByRole('button', { name: 'Submit 2 files' }).click();
  await expect(selectionOf(page)).toContainText('Press Submit again to clear the existing files.');
  await expectFilesInRequest(4);
  await selectionOf(page).getByRole('button', { name: 'Clear and submit' }).click();
  await expect(page.getByText(`2 files are now in ${requestName}`)).toBeVisible();
  await page.getByRole('button', { name: 'Open the request' }).click();
  await expectFiles(page, ['notes.txt', 'stay.txt']);
});

/** Returns false while files of the request are being verified. */
async function submitted(page: Page): Promise<boolean> {
  const refused = (error: Error) => {
    if (!/verif/i.test(error.message)) throw error;
    return null;
  };
  return (await callOf(page, 'requests.submit', { requestId }).catch(refused)) !== null;
}

async function statusOf(page: Page): Promise<string> {
  return (await askOf(page, 'requests.get', { requestId })).status as string;
}

async function expectFilesInRequest(count: number) {
  const { files } = await askOf(luis.page, 'requestFiles.list', { requestId });
  expect(files).toHaveLength(count);
}

function selectionOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Selection' });
}

async function select(page: Page, names: readonly string[]) {
  for (const name of names) {
    await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  }
}

/** Expects these paths on the request's page. */
async function expectFiles(page: Page, paths: readonly string[]) {
  const rows = page.getByRole('row').filter({ has: page.getByRole('gridcell') });
  await expect(rows).toContainText([...paths]);
}
