// Moving with the mouse: onto folders, several entries at once, whole folders, and out to the root; also names that are
// flagged or refused.
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, upload, askOf, type Colleague } from './people.ts';
import { act, barOf, rowOf, select } from './workspace-page.ts';

let projectId: string;
let lead: Colleague;
let drew: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Drag Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Dora Lead', 'dora@drag.example', 'coordinator');
  drew = await joinProject(browser, page, projectId, 'Drew Vance', 'drew@drag.example');
  await page.close();
});
test.afterAll(async () => {
  for (const { page } of [lead, drew]) await page.context().close();
});

test('drags files and folders into folders and out to the root', { tag: ['@A13', '@A14'] }, async () => {
  const { page } = drew;
  for (const name of ['a.wav', 'b.wav', 'c.wav']) await upload(page, { projectId }, name, name);
  await page.goto(`/p/${projectId}/workspace`);
  await page.getByRole('button', { name: 'New folder' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Reel');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(rowOf(page, 'Reel')).toBeVisible();

  await test.step('several rows go together', async () => {
    await select(page, 'a.wav', 'b.wav');
    await rowOf(page, 'a.wav').dragTo(rowOf(page, 'Reel'));
    await expect(rowOf(page, 'a.wav')).toHaveCount(0);
    await expect(rowOf(page, 'b.wav')).toHaveCount(0);
    await expect(rowOf(page, 'c.wav')).toBeVisible();
  });

  await test.step('a folder and the selection go into a folder made for them', async () => {
    await select(page, 'Reel', 'c.wav');
    await page.getByRole('button', { name: 'New folder' }).click();
    const dialog = page.getByRole('dialog', { name: 'New folder' });
    await expect(dialog.getByRole('checkbox', { name: 'Move the 2 selected items into it' })).toBeChecked();
    await dialog.getByLabel('Name').fill('Show');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(rowOf(page, 'c.wav')).toHaveCount(0);
    await rowOf(page, 'Show').getByRole('link', { name: 'Show' }).click();
    await expect(page.getByRole('heading', { name: 'Show', level: 1 })).toBeVisible();
    await expect(rowOf(page, 'c.wav')).toBeVisible();
  });

  await test.step('a row is dropped on a folder of the path, up to the root', async () => {
    const path = page.getByRole('navigation', { name: 'You are here' });
    await rowOf(page, 'c.wav').dragTo(path.getByRole('link', { name: 'My Workspace' }));
    await expect(rowOf(page, 'c.wav')).toHaveCount(0);
    await path.getByRole('link', { name: 'My Workspace' }).click();
    await expect(rowOf(page, 'c.wav')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect(rowOf(page, 'c.wav')).toHaveCount(0);
  });
});

test(
  'flags unusual characters, refuses taken names, and demands strict names',
  { tag: '@A19' },
  async ({ expectFaults }) => {
    expectFaults(/^409 POST \/api\/trpc\/workspace\.rename$/);
    const { page } = drew;
    const rules = { strictNames: true };
    const { id: typeId } = await callOf(lead.page, 'requestTypes.create', {
      projectId,
      name: 'Strict',
      rules,
    });
    const { id: userId } = await askOf(page, 'account.get');
    await callOf(lead.page, 'requests.create', {
      projectId,
      name: 'Strict one',
      typeId,
      assignees: [{ userId }],
    });
    await upload(page, { projectId }, 'plain_v1-2.wav', 'plain');
    await upload(page, { projectId }, 'été (final).wav', 'other');
    const deep = `${'long_folder_name/'.repeat(15)}deep.wav`;
    await upload(page, { projectId }, deep, 'deep');
    await page.goto(`/p/${projectId}/workspace`);
    await expect(rowOf(page, 'plain_v1-2.wav')).not.toContainText('other characters');
    await expect(rowOf(page, 'été (final).wav')).toContainText('Unusual characters');

    await act(page, 'plain_v1-2.wav', 'Rename');
    const dialog = page.getByRole('dialog', { name: 'Rename' });
    // The same name in another case and in decomposed Unicode form.
    await dialog.getByLabel('Name').fill('E\u0301TE\u0301 (FINAL).wav');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(dialog).toContainText('already exists here. Choose another name.');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await select(page, 'plain_v1-2.wav', 'été (final).wav', 'long_folder_name');
    await barOf(page).getByRole('button', { name: 'Submit' }).click();
    const chooser = page.getByRole('dialog', { name: 'Choose a request' });
    const submit = barOf(page).getByRole('button', { name: 'Submit', exact: true });
    // When names do not fit, the bar may leave the choice of the request to the person.
    const target = barOf(page).locator('[aria-haspopup="dialog"]');
    if ((await target.getAttribute('aria-expanded')) === 'true')
      await chooser.getByRole('button', { name: 'Strict one' }).click();
    await submit.click();
    const check = page.getByRole('dialog', { name: /^Submit 3 files/ });
    const file = (name: string) => check.getByRole('listitem').filter({ hasText: name });
    await expect(file('été (final).wav')).toContainText(/Rename to ete_final\.wav|letters, digits/i);
    await expect(file('deep.wav')).toContainText(/over the limit of 256/);
    await check.getByRole('button', { name: 'Cancel' }).click();
  },
);
