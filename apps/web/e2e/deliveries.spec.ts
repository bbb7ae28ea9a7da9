// The Deliveries page: creating requests from a list, filters and groups in the address, actions on one and on several.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { joinProject, type Colleague, askOf, callOf, upload } from './people.ts';

let projectId: string;
let lead: Colleague;
let partner: Colleague;
let uploader: Colleague;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Polar Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Greta Lead', 'greta@example.com', 'coordinator');
  partner = await joinProject(browser, page, projectId, 'Hugo Partner', 'hugo@example.com');
  uploader = await joinProject(
    browser,
    page,
    projectId,
    'Uma Uploader',
    'uma@deliveries.example',
    'uploader',
  );
  await page.close();
});
test.afterAll(async () => {
  await lead?.page.context().close();
  await partner?.page.context().close();
  await uploader?.page.context().close();
});

test('creates requests from a list and reports a bad line', async () => {
  const { page } = lead;
  await page.goto(`/p/${projectId}/deliveries`);
  await page.getByRole('button', { name: 'Import list…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import requests (CSV)' });
  const list = dialog.getByLabel('Paste the list');
  await list.fill('name,who\nReel 1,Hugo Partner');
  await expect(dialog.getByText(/Unknown columns: who/)).toBeVisible();
  await dialog.getByLabel('Column “who” is').selectOption('Assigned to');
  await expect(dialog.getByRole('row', { name: /Reel 1/ })).toContainText('Hugo Partner');
  const soon = new Date(Date.now() + 12 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');
  await list.fill(
    [
      'name;type;due;assignees',
      `Reel 1;Print master;${soon};hugo@example.com`,
      'Reel 2;Print master;2099-01-01;nobody@example.com',
      '"Reel 3; the last";;2099-01-01;',
      'Artwork;Artwork;;',
    ].join('\n'),
  );
  await expect(dialog.getByText(/“nobody@example.com” cannot be assigned here/)).toBeVisible();
  await expectAccessible(page, 'a list with a bad line');
  await dialog.getByRole('button', { name: 'Create 3 requests' }).click();
  await expect(dialog.getByText(/1 line was not created/)).toBeVisible();
  const refused = dialog.getByRole('textbox', { name: 'Assigned to' });
  await expect(refused).toHaveValue('nobody@example.com');
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download 1 line' }).click();
  expect((await saving).suggestedFilename()).toBe('lines to correct.csv');
  await page.keyboard.press('Escape');
  await page
    .getByRole('alertdialog', { name: 'Discard what you entered?' })
    .getByRole('button', { name: 'Discard' })
    .click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('row', { name: /Reel 3; the last/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Reel 2/ })).toBeHidden();
  await expect(page.getByRole('row', { name: /Reel 1/ })).toContainText(/Due in 1\d h/);
  await expectAccessible(page, 'the list of requests');
});

test('keeps the filters in the address and after a reload', { tag: '@B1' }, async () => {
  const { page } = lead;
  await page.goto(`/p/${projectId}/deliveries`);
  await page
    .getByRole('group', { name: 'How urgent' })
    .getByRole('button', { name: /Critical/ })
    .click();
  await expect(page).toHaveURL(/bucket=critical/);
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(rows(page)).toHaveCount(3);
  await page.getByLabel('Type', { exact: true }).selectOption('No type');
  await expect(rows(page)).toHaveCount(1);
  await page.getByLabel('Type', { exact: true }).selectOption('Any type');
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole('searchbox').fill('artw');
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.getByRole('searchbox').fill('');
  await expect(rows(page)).toHaveCount(3);
  await page.getByLabel('Assigned to').selectOption('Nobody');
  await expect(rows(page)).toHaveCount(2);
});

test('saves views, opens them, and keeps them apart from those of others', async ({ expectFaults }) => {
  // Saving a view under a taken name answers 409.
  expectFaults(/409 POST .*savedViews/);
  const { page } = lead;
  const views = page.getByRole('button', { name: /^Views/ });
  const menu = page.getByRole('menu');
  const dialog = page.getByRole('dialog');
  const saveAs = async (name: string) => {
    await views.click();
    await menu.getByRole('menuitem', { name: 'Save as a new view…' }).click();
    await dialog.getByLabel('Name of the view').fill(name);
    await dialog.getByRole('button', { name: 'Save' }).click();
  };
  await page.goto(`/p/${projectId}/deliveries?bucket=critical`);

  await test.step('a taken name asks whether to replace', async () => {
    await saveAs('Urgent');
    await expect(views).toHaveText(/Urgent\s*$/);
    await expect(page).toHaveURL(/view=svw_/);
    await views.click();
    await menu.getByRole('menuitem', { name: 'All requests' }).click();
    await expect(rows(page)).toHaveCount(3);
    await page.getByLabel('Type', { exact: true }).selectOption('No type');
    await expect(rows(page)).toHaveCount(1);
    await saveAs('urgent');
    await expect(dialog).toContainText(
      'You already have a view “urgent”. Replace it, or choose another name.',
    );
    await expectAccessible(page, 'a view whose name is taken');
    await dialog.getByLabel('Name of the view').fill('Without type');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(views).toHaveText(/Without type\s*$/);
    await saveAs('URGENT');
    await dialog.getByRole('button', { name: 'Replace “URGENT”' }).click();
    await expect(views).toHaveText(/URGENT\s*$/);
    await expect(rows(page)).toHaveCount(1);
  });

  await test.step('by keyboard: opens one, changes it, and saves the change', async () => {
    await views.focus();
    await page.keyboard.press('Enter');
    await expectAccessible(page, 'the menu of views');
    await page.keyboard.type('With');
    await page.keyboard.press('Enter');
    await expect(views).toHaveText(/Without type\s*$/);
    await page.getByLabel('Group by').selectOption('Type');
    await expect(views).toHaveText(/Without type \(changed\)\s*$/);
    await views.click();
    await menu.getByRole('menuitem', { name: 'Save changes' }).click();
    await expect(views).toHaveText(/Without type\s*$/);
  });

  await test.step('the page opens with the default view; its link shows others the list', async () => {
    await views.click();
    await menu.getByRole('menuitem', { name: 'Open Deliveries with it' }).click();
    await expect(page.getByText('Deliveries now opens with “Without type”')).toBeVisible();
    const link = page.url();
    await page.goto(`/p/${projectId}/deliveries`);
    await expect(views).toHaveText(/Without type\s*$/);
    await expect(rows(page)).toHaveCount(1);
    await partner.page.goto(link);
    await expect(partner.page.getByLabel('Type', { exact: true })).toHaveValue('none');
    await expect(partner.page.getByRole('button', { name: /^Views/ })).toHaveText('Views');
    const { searchParams } = new URL(link);
    await partner.page.goto(`/p/${projectId}/deliveries?view=${searchParams.get('view')}`);
    await expect(
      partner.page.getByText('This view was deleted, or it belongs to somebody else'),
    ).toBeVisible();
  });

  await test.step('says which filter is left out', async () => {
    const gone = await callOf(page, 'requestTypes.create', { projectId, name: 'Old mixes', rules: {} });
    await callOf(page, 'savedViews.create', { projectId, name: 'Mixes', query: { type: gone.id } });
    await callOf(page, 'requestTypes.update', { typeId: gone.id, version: 1, archived: true });
    await views.click();
    await menu.getByRole('menuitem', { name: 'Mixes' }).click();
    await expect(page.getByText('“Mixes” filters by a type that is no longer in use.')).toBeVisible();
    await expect(rows(page)).toHaveCount(3);
    await page.getByRole('button', { name: 'Save the view without it' }).click();
    await expect(page.getByText('“Mixes” filters by a type')).toBeHidden();
  });

  await test.step('renames, deletes and takes the deletion back', async () => {
    await views.click();
    await menu.getByRole('menuitem', { name: 'Rename…' }).click();
    await dialog.getByLabel('Name of the view').fill('without TYPE');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toContainText('Choose another name.');
    await dialog.getByLabel('Name of the view').fill('Everything');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(views).toHaveText(/Everything\s*$/);
    await views.click();
    await menu.getByRole('menuitem', { name: 'Delete view' }).click();
    await expect(views).toHaveText('Views');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect(page.getByText('The view is back')).toBeVisible();
    await views.click();
    await menu.getByRole('menuitem', { name: 'Everything' }).click();
    await expect(views).toHaveText(/Everything\s*$/);
    for (const { id } of await askOf(page, 'savedViews.list', { projectId }))
      await callOf(page, 'savedViews.remove', { viewId: id });
  });
});

test('shows the filters in a sheet on a phone, and the list begins near the top', async () => {
  const { page } = lead;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/p/${projectId}/deliveries`);
  const first = await rows(page).first().boundingBox();
  expect(first!.y).toBeLessThan(360);
  await page.getByRole('button', { name: 'Filters', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'Filters' });
  await sheet.getByLabel('Type').selectOption('No type');
  await sheet.getByRole('button', { name: /^Open/ }).click();
  await expectAccessible(page, 'the sheet of filters');
  await sheet.getByRole('button', { name: 'Show the list' }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Filters (2)' })).toBeFocused();
  const chips = page.getByRole('list', { name: 'Filters that are on' });
  await chips.getByRole('button', { name: 'Remove the filter Type: No type' }).click();
  await expect(rows(page)).toHaveCount(3);
  await chips.getByRole('button').click();
  await expect(chips).toBeHidden();
  await expectAccessible(page, 'the list on a phone');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('says when a part of the page cannot be loaded, and tries again', async ({ expectFaults }) => {
  const { page } = lead;
  const chunks = /\/_app\/immutable\/.*\.js$/;
  expectFaults(/_app\/immutable/);
  await page.goto(`/p/${projectId}/deliveries`);
  await page.route(chunks, (route) => route.abort());
  await page.getByRole('button', { name: /^Notifications/ }).click();
  const again = page
    .getByRole('region', { name: 'Notifications' })
    .getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible();
  await expect(page.getByRole('button', { name: /^Notifications/ })).toHaveAttribute(
    'aria-expanded',
    'false',
  );
  await page.unroute(chunks);
  await again.click();
  await expect(again).toBeHidden();
  await page.locator('html[data-listening]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(page.getByRole('dialog', { name: 'Notifications' })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('assigns several requests at once and notifies their people', async () => {
  const { page } = lead;
  await page.goto(`/p/${projectId}/deliveries?assignee=nobody`);
  await page.getByRole('checkbox', { name: 'Select all shown' }).check();
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Assign…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Assign requests' });
  await dialog.getByRole('checkbox', { name: /Hugo Partner/ }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('2 requests assigned')).toBeVisible();
  await partner.page.goto(`/p/${projectId}/deliveries`);
  await expect(rows(partner.page)).toHaveCount(3);
  await expect(partner.page.getByRole('button', { name: 'Notifications, 3 unread' })).toBeVisible();
});

test('duplicates one request and cancels another', async () => {
  const { page } = lead;
  await page.goto(`/p/${projectId}/deliveries`);
  await page.getByRole('button', { name: 'Actions for Artwork' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Duplicate a request' });
  await dialog.getByLabel('Name', { exact: true }).fill('Artwork, second');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Artwork, second' })).toBeVisible();
  await expect(page.getByText('Hugo Partner').first()).toBeVisible();
  const more = page.getByRole('button', { name: 'More actions for this request' });
  await more.click();
  await page.getByRole('menuitem', { name: 'Duplicate…' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Artwork, third');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Artwork, third' })).toBeVisible();
  await more.click();
  await page.getByRole('menuitem', { name: 'Cancel request…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel request' }).click();
  await expect(page.locator('header').getByText('Cancelled').first()).toBeVisible();
});

test(
  'finds files, groups, tells what is late, and offers each role its actions',
  { tag: '@B1' },
  async () => {
    const { page } = lead;
    const day = 24 * 3600_000;
    const create = (name: string, dueAt: number, assignees: object[] = []) =>
      callOf(page, 'requests.create', { projectId, name, dueAt, assignees });
    const members: { user: { id: string; name: string } }[] = await askOf(page, 'members.list', {
      projectId,
    });
    const uma = members.find(({ user }) => user.name === 'Uma Uploader')!.user.id;
    await create('Late stems', Date.now() - 2 * day - 3600_000);
    const { id: requestId } = await create('Sound mix', Date.now() + 20 * day, [{ userId: uma }]);
    await upload(uploader.page, { projectId, requestId }, 'Reel 1/mix_LFE.wav', 'boom');
    const menu = page.getByRole('menu');

    await test.step('a search finds the name of a file and says which', async () => {
      await page.goto(`/p/${projectId}/deliveries`);
      await page.getByRole('searchbox').fill('lfe');
      await expect(rows(page)).toHaveCount(1);
      await expect(row(page, 'Sound mix')).toContainText('File: Reel 1/mix_LFE.wav');
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await expect(row(page, 'Late stems')).toContainText('2 days late');
      await expect(row(page, 'Artwork, third')).toContainText('Cancelled');
      // The finished request is the last one in the whole list.
      await expect(rows(page).last()).toContainText('Artwork, third');
    });

    await test.step('groups stay in the address, and their box selects their requests', async () => {
      await page.getByLabel('Group by').selectOption('Type');
      await expect(page).toHaveURL(/group=type/);
      await page.reload();
      const noType = page.getByRole('checkbox', { name: 'Select the group No type' });
      await noType.check();
      await expect(page.getByRole('region', { name: 'Selection' })).toContainText('3 requests selected');
      await expect(row(page, 'Sound mix')).toHaveAttribute('aria-selected', 'true');
      await noType.uncheck();
      await page.getByLabel('Group by').selectOption('Week it is due');
      await expect(page.getByRole('checkbox', { name: 'Select the group Finished' })).toBeVisible();
      await expectAccessible(page, 'the list in groups');
      await page.getByLabel('Group by').selectOption('No groups');
    });

    await test.step('a coordinator changes a due date with the right mouse button', async () => {
      await row(page, 'Late stems').click({ button: 'right' });
      await expect(menu.getByRole('menuitem', { name: /^Accept/ })).toContainText(
        'You can accept it when it is processed',
      );
      await menu.getByRole('menuitem', { name: 'Change due date…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Change the due date' });
      await dialog.getByLabel('Due').fill('');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(row(page, 'Late stems')).toContainText('no date');
    });

    await test.step('rows do not move under the pointer', async () => {
      await row(page, 'Sound mix').hover();
      await create('Came meanwhile', Date.now() - day);
      const notice = page.getByRole('status').filter({ hasText: 'The list has changed.' });
      await expect(notice).toBeVisible();
      await expect(row(page, 'Came meanwhile')).toBeHidden();
      await page.getByRole('heading', { name: 'Deliveries', level: 1 }).hover();
      await expect(row(page, 'Came meanwhile')).toBeVisible();
      await expect(notice).toBeHidden();
    });

    await test.step('an uploader submits with the keyboard, and reads whom the request waits for', async () => {
      const list = uploader.page;
      await list.goto(`/p/${projectId}/deliveries`);
      await row(list, 'Sound mix').focus();
      await list.keyboard.press('Shift+F10');
      const items = list.getByRole('menu').getByRole('menuitem');
      await expect(items).toContainText([
        'Open',
        'Upload',
        'Submit',
        'Ask for redelivery…',
        'Promise a date…',
      ]);
      await expect(items.filter({ hasText: 'Ask for redelivery…' })).toContainText('when processing ends');
      await items.filter({ hasText: 'Submit' }).click();
      await expect(row(list, 'Sound mix')).toContainText('Waiting for the coordinator', { timeout: 60_000 });
      await expect(row(page, 'Sound mix')).toContainText('Waiting for you', { timeout: 60_000 });
    });
  },
);

test('acts on several requests, and reports those that were not changed', async () => {
  const { page } = lead;
  const bar = page.getByRole('region', { name: 'Selection' });
  const dialog = page.getByRole('dialog');
  const select = async (...names: string[]) => {
    for (const name of names)
      await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  };
  await page.goto(`/p/${projectId}/deliveries`);

  await test.step('accepts what is processed, says why the other is not, and takes it back', async () => {
    await select('Sound mix', 'Late stems');
    await bar.getByRole('button', { name: 'Accept…' }).click();
    await expect(dialog).toContainText('Accept 1 request?');
    await expect(dialog).toContainText('1 more is selected and stays as it is');
    await dialog.getByRole('button', { name: 'Accept 1 request' }).click();
    const report = page.getByRole('dialog', { name: '1 request was not changed' });
    await expect(report.getByRole('listitem')).toContainText(
      /Late stems *You can accept it when it is processed/,
    );
    await expectAccessible(page, 'the report of an action on several requests');
    await report.getByRole('button', { name: 'Done' }).click();
    await expect(row(page, 'Sound mix')).toContainText('Accepted');
    await page.getByRole('button', { name: 'Actions for Sound mix' }).click();
    await expect(page.getByRole('menuitem', { name: 'Ask for redelivery…' })).toContainText(
      'Reopen it first',
    );
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByText('1 request is as it was before')).toBeVisible();
    await expect(row(page, 'Sound mix')).toContainText('Waiting for you');
  });

  await test.step('changes the due date of several, and takes it back', async () => {
    await select('Artwork', 'Late stems');
    await bar.getByRole('button', { name: 'Due date…' }).click();
    await dialog.getByLabel('Due date').fill('2098-05-06T18:00');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(row(page, 'Artwork')).toContainText('6 May 2098');
    await expect(row(page, 'Late stems')).toContainText('6 May 2098');
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await expect(row(page, 'Artwork')).toContainText('no date');
    await expect(row(page, 'Late stems')).toContainText('no date');
  });

  await test.step('cancels several', async () => {
    await select('Artwork', 'Late stems');
    await bar.getByRole('button', { name: 'Cancel request…' }).click();
    await dialog.getByRole('button', { name: 'Cancel 2 requests' }).click();
    await expect(row(page, 'Artwork')).toContainText('Cancelled');
    await expect(row(page, 'Late stems')).toContainText('Cancelled');
    await expect(bar).toBeHidden();
  });
});

function row(page: Page, name: string) {
  return rows(page).filter({ has: page.getByRole('link', { name, exact: true }) });
}

function rows(page: Page) {
  return page.getByRole('grid', { name: 'Deliveries' }).locator('[data-row]');
}
