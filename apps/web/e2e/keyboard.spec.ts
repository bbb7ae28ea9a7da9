// Sharing and moving in a Workspace without a mouse.
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { press, tabTo } from './keys.ts';
import { callOf, joinProject, uploadEmpty, type Colleague } from './people.ts';
import { byKeys } from './phone.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let pat: Colleague;
let cora: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  const project = await callOf(page, 'projects.create', { name: 'Northern Light' });
  projectId = project.id as string;
  pat = await joinProject(browser, page, projectId, 'Pat Kowalski', 'pat@keyboard.example');
  cora = await joinProject(browser, page, projectId, 'Cora Lindqvist', 'cora@keyboard.example');
  await page.close();
});
test.afterAll(async () => {
  await pat?.page.context().close();
  await cora?.page.context().close();
});

test('sharing and moving with the keyboard alone', { tag: ['@A13', '@A14'] }, async () => {
  for (const name of ['cut.mov', 'mix.wav', 'notes.txt']) await uploadEmpty(pat.page, projectId, name);
  await callOf(pat.page, 'workspace.createFolder', { projectId, name: 'Reel 1' });
  const page = await byKeys(pat);
  await page.goto(`/p/${projectId}/workspace`);
  await cora.page.goto(`/p/${projectId}/workspace?shared`);
  await expect(cora.page.getByRole('heading', { name: 'Workspace', level: 1 })).toBeVisible();
  await expect(row(page, 'cut.mov')).toContainText('Received');

  await test.step('Pat shares a file', async () => {
    await chooseRow(page, 'cut.mov');
    await press(page, page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Share' }));
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('combobox')).toBeFocused();
    await page.keyboard.type('cora');
    await expect(page.getByRole('option', { name: /Cora Lindqvist/ })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('list', { name: /Share with/ })).toContainText('Cora Lindqvist');
    await tabTo(page, dialog.getByRole('switch', { name: 'Can update' }));
    await page.keyboard.press('Space');
    await tabTo(page, dialog.getByLabel('Note'));
    await page.keyboard.type('Picture is locked.');
    await press(page, dialog.getByRole('button', { name: 'Share', exact: true }));
    await expect(dialog).toBeHidden();
  });

  await test.step('Cora receives the file and sees her rights', async () => {
    await expect(row(cora.page, 'cut.mov')).toContainText('Pat Kowalski');
    await expect(row(cora.page, 'cut.mov')).toContainText('Can update');
    await expect(cora.page.getByRole('button', { name: /^Notifications.+/ }).first()).toBeVisible();
  });

  await test.step('Pat moves another file and undoes it', async () => {
    await page.keyboard.press('Escape');
    await expect(page.getByRole('region', { name: 'Selection' })).toBeHidden();
    await chooseRow(page, 'mix.wav');
    await press(
      page,
      page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: /Move to/ }),
    );
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    await tabTo(page, dialog.getByRole('listbox'));
    await page.keyboard.press('ArrowDown');
    await expect(dialog.getByRole('option', { name: /Reel 1/, selected: true })).toBeVisible();
    await press(page, dialog.getByRole('button', { name: /^Move to / }));
    await expect(row(page, 'mix.wav')).toHaveCount(0);
    await press(page, page.getByRole('button', { name: 'Undo' }));
    await expect(row(page, 'mix.wav')).toBeVisible();
  });

  await test.step('Pat moves the selection into a new folder and opens it', async () => {
    await chooseRow(page, 'mix.wav');
    await chooseRow(page, 'notes.txt');
    await press(page, page.getByRole('button', { name: 'New folder' }), 'Enter', 'Shift+Tab');
    const dialog = page.getByRole('dialog', { name: 'New folder' });
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await expect(dialog.getByRole('checkbox', { name: 'Move the 2 selected items into it' })).toBeChecked();
    await page.keyboard.type('Sound');
    await page.keyboard.press('Enter');
    await expect(row(page, 'Sound')).toBeVisible();
    await expect(row(page, 'mix.wav')).toHaveCount(0);
    await focusRow(page, 'Sound');
    await page.keyboard.press('Enter');
    await expect(row(page, 'mix.wav')).toBeVisible();
    await expect(row(page, 'notes.txt')).toBeVisible();
    await press(page, page.getByRole('link', { name: 'My Workspace' }).first(), 'Enter', 'Shift+Tab');
    await expect(row(page, 'cut.mov')).toBeVisible();
  });

  await test.step('Pat revokes the access, and the file disappears for Cora', async () => {
    const file = `/files/${await row(cora.page, 'cut.mov').getAttribute('data-row')}`;
    expect((await cora.page.request.get(file)).status()).toBe(200);
    await focusRow(page, 'cut.mov');
    await page.keyboard.press('i');
    await tabTo(page, page.getByRole('tab', { name: 'Details' }));
    await page.keyboard.press('ArrowRight');
    await press(page, page.getByRole('button', { name: 'Actions for Cora Lindqvist' }));
    await press(page, page.getByRole('menuitem', { name: 'Revoke access' }), 'Enter', 'ArrowDown');
    await press(page, page.getByRole('dialog').getByRole('button', { name: 'Revoke access' }));
    await expect(cora.page.getByText('Nobody shares anything with you yet')).toBeVisible();
    expect((await cora.page.request.get(file)).status()).toBe(404);
  });
});

function row(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

/** Enters the table with Tab, then reaches the row with arrow keys. */
async function focusRow(page: Page, name: string): Promise<void> {
  await expect(async () => {
    if (!(await isFocusInTable(page))) await tabTo(page, page.locator('[data-row]:focus'));
    await page.keyboard.press('Home');
    for (let step = 0; step < 12; step++) {
      if ((await page.locator('[data-row]:focus').textContent())?.includes(name)) return;
      await page.keyboard.press('ArrowDown');
    }
    throw new Error(`No row ${name}.`);
  }).toPass();
}

async function isFocusInTable(page: Page): Promise<boolean> {
  return (await page.locator('[data-row]:focus').count()) > 0;
}

async function chooseRow(page: Page, name: string): Promise<void> {
  await focusRow(page, name);
  await page.keyboard.press('Space');
  await expect(page.getByRole('region', { name: 'Selection' })).toBeVisible();
}
