// Every screen of the Workspace passes axe (WCAG 2.2 AA) in dark and light, and fits a phone.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, uploadEmpty, type Colleague } from './people.ts';

let projectId: string;
let lead: Colleague;
let ines: Colleague;
let folderId: string;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Southern Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Lea Lead', 'lea@example.com', 'coordinator');
  ines = await joinProject(browser, page, projectId, 'Ines Albrecht', 'ines@example.com');
  await page.close();
  await fill();
});
test.afterAll(async () => {
  await lead?.page.context().close();
  await ines?.page.context().close();
});

/** Creates a shared folder, a sequence with a gap, a file in the trash, and a Workspace that ends soon. */
async function fill(): Promise<void> {
  await callOf(lead.page, 'projects.update', { projectId, launchAt: Date.now() });
  const { page } = ines;
  folderId = (await callOf(page, 'workspace.createFolder', { projectId, name: 'Mixes' })).id as string;
  await uploadEmpty(page, projectId, 'mix.wav', folderId);
  for (const name of ['shot.1001.exr', 'shot.1002.exr', 'shot.1004.exr', 'cut.mov']) {
    await uploadEmpty(page, projectId, name);
  }
  const old = await callOf(page, 'workspace.createFolder', { projectId, name: 'Old' });
  await callOf(page, 'workspace.remove', { entryId: old.id });
  const people = [lead.email];
  await callOf(page, 'shares.create', {
    projectId,
    entryIds: [folderId],
    people,
    canUpdate: true,
    note: 'Hello',
  });
  await callOf(page, 'retention.ask', { projectId, reason: 'The mix is late' });
}

for (const theme of ['dark', 'light'] as const) {
  test(`the screens of the owner of files, ${theme}`, async ({ hub }) => {
    const { page } = ines;
    await page.context().addCookies([{ name: 'turnover_theme', value: theme, url: hub.address }]);
    const workspace = `/p/${projectId}/workspace`;
    await page.goto(workspace);
    await expect(page.getByText('1 frame missing')).toBeVisible();
    await expectAccessible(page, 'My Workspace');
    await page.getByRole('checkbox', { name: 'Select cut.mov' }).check();
    await expectAccessible(page, 'something selected');
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: /Move to/ })
      .click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, 'Move to…');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await page
      .getByRole('row', { name: /Mixes/ })
      .getByRole('button', { name: /^Share/ })
      .click();
    await page.getByRole('combobox').pressSequentially('wrong@nowhere, ');
    await expect(page.getByText(/wrong@nowhere is not/).last()).toBeVisible();
    await expectAccessible(page, 'sharing with a wrong address');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Details of Mixes' }).click();
    await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
    await expectAccessible(page, 'details');
    await page.getByRole('tab', { name: /People/ }).click();
    await expect(page.getByText('lea@example.com')).toBeVisible();
    await expectAccessible(page, 'people with access');
    await page.getByRole('button', { name: 'Why can they see this?' }).click();
    await expect(page.getByRole('dialog')).toContainText('Lea Lead');
    await expectAccessible(page, 'why can they see this');
    await page.goto(`${workspace}?trash`);
    await expect(page.getByText('Old', { exact: true })).toBeVisible();
    await expectAccessible(page, 'the trash');
  });

  test(`the screens of a recipient, ${theme}`, async ({ hub }) => {
    const { page } = lead;
    await page.context().addCookies([{ name: 'turnover_theme', value: theme, url: hub.address }]);
    await page.goto(`/p/${projectId}/workspace?shared`);
    await expect(page.getByRole('row', { name: /Mixes/ })).toContainText('Ines Albrecht');
    await expectAccessible(page, 'Shared with me');
    await page.goto(`/p/${projectId}/workspace/${folderId}`);
    await page.getByRole('button', { name: 'Details of mix.wav' }).click();
    await expectAccessible(page, 'the details of a shared file');
    await page.goto(`/p/${projectId}/people`);
    await expect(page.getByText('The mix is late')).toBeVisible();
    await expectAccessible(page, 'people');
    await page
      .getByRole('button', { name: /^Notifications/ })
      .first()
      .click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, 'notifications');
  });
}

test('shows every action on a selection on a phone', async () => {
  const { page } = ines;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/p/${projectId}/workspace`);
  await page.getByRole('checkbox', { name: 'Select Mixes' }).check();
  const selection = page.getByRole('region', { name: 'Selection' });
  for (const name of ['Share', 'Submit', 'Download', 'Move to…', 'Delete for everyone']) {
    await expect(selection.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('the bar shows every action on a shared folder beside the panel', async () => {
  const { page } = ines;
  await page.setViewportSize({ width: 1440, height: 800 });
  await page.goto(`/p/${projectId}/workspace`);
  await page.getByRole('checkbox', { name: 'Select Mixes' }).check();
  await page.getByRole('button', { name: 'Details of Mixes' }).click();
  const selection = page.getByRole('region', { name: 'Selection' });
  for (const width of [1440, 1024, 800]) {
    await page.setViewportSize({ width, height: 800 });
    for (const name of ['Share', 'Submit', 'Download', 'Move to…', 'Delete for everyone']) {
      await expect(selection.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
    }
  }
});

test('the panel leaves the whole row visible, and Escape in the list closes it', async () => {
  const { page } = ines;
  await page.setViewportSize({ width: 1180, height: 800 });
  await page.goto(`/p/${projectId}/workspace`);
  const panel = page.getByRole('complementary', { name: 'Details panel' });
  const row = page.getByRole('row').filter({ hasText: 'cut.mov' });
  for (const place of ['list', 'panel']) {
    await row.focus();
    await page.keyboard.press('i');
    await expect(panel).toBeVisible();
    const [left, right] = await Promise.all([panel.boundingBox(), row.boundingBox()]);
    expect(right!.x + right!.width).toBeLessThanOrEqual(left!.x);
    if (place === 'panel') await panel.getByRole('tab', { name: 'Details' }).focus();
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
    await expect(row).toBeFocused();
  }
});
