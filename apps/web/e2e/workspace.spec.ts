// Everyday work in a Workspace: sorting, finding, uploading folders, moving onto taken names, restoring.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { focusByKey } from './keys.ts';
import { callOf, joinProject, upload, type Colleague } from './people.ts';

let projectId: string;
let nora: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Eastern Light' })).id as string;
  nora = await joinProject(browser, page, projectId, 'Nora Vidal', 'nora@example.com');
  await page.close();
});
test.afterAll(() => nora?.page.context().close());

test('sorts names in natural order and keeps the order across folders', { tag: '@A15' }, async () => {
  const { page } = nora;
  const folderId = await newFolder('Order');
  await newFolder('Reel', folderId);
  for (const [name, text] of [
    ['take10.wav', '1'],
    ['take2.wav', '22'],
    ['take1.wav', '333'],
  ] as const) {
    await upload(page, { projectId, folderId }, name, text);
  }
  await page.goto(addressOf(folderId));
  await expect(rowsOf(page)).toContainText(['Reel', 'take1.wav', 'take2.wav', 'take10.wav']);
  const size = page.getByRole('columnheader', { name: 'Size' });

  await test.step('the column shows its order, and the rows follow it', async () => {
    await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
    await size.getByRole('button').click();
    await expect(size).toHaveAttribute('aria-sort', 'ascending');
    await expect(rowsOf(page)).toContainText(['Reel', 'take10.wav', 'take2.wav', 'take1.wav']);
    await size.getByRole('button').click();
    await expect(size).toHaveAttribute('aria-sort', 'descending');
    await expect(rowsOf(page)).toContainText(['Reel', 'take1.wav', 'take2.wav', 'take10.wav']);
  });

  await test.step('another folder, a reload and going back keep the order', async () => {
    await upload(page, { projectId, folderId }, 'Reel/long.wav', '4444');
    await upload(page, { projectId, folderId }, 'Reel/a short one.wav', '5');
    await page.getByRole('link', { name: 'Reel' }).click();
    await expect(page.getByRole('heading', { name: 'Reel', level: 1 })).toBeVisible();
    await expect(size).toHaveAttribute('aria-sort', 'descending');
    await expect(rowsOf(page)).toContainText(['long.wav', 'a short one.wav']);
    await page.reload();
    await expect(size).toHaveAttribute('aria-sort', 'descending');
    await expect(rowsOf(page)).toContainText(['long.wav', 'a short one.wav']);
    await page.goBack();
    await expect(rowsOf(page)).toContainText(['Reel', 'take1.wav', 'take2.wav', 'take10.wav']);
  });
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
});

test('shows a sequence as one row, and filters and finds names', { tag: '@A26' }, async () => {
  const { page } = nora;
  const folderId = await newFolder('Frames');
  const frames = [1001, 1002, 1003, 1006, 1008].map((frame) => `shot.${frame}.exr`);
  for (const name of [...frames, 'take1.wav', 'take2.wav', 'take10.wav', 'Été.mov']) {
    await upload(page, { projectId, folderId }, name);
  }
  await page.goto(addressOf(folderId));

  await test.step('the row shows the range and gaps, and opens the frames', async () => {
    const sequence = row(page, 'shot.[1001-1008].exr');
    await expect(sequence).toContainText('3 frames missing');
    await page.getByRole('button', { name: 'Details of shot.[1001-1008].exr' }).click();
    const panel = page.getByRole('complementary').filter({ hasText: 'shot.[1001-1008].exr' });
    await expect(panel).toContainText('1004–1005, 1007');
    await expect(panel).toContainText('1001–1008 (5)');
    await panel.getByRole('button', { name: 'Close' }).click();
    await sequence.getByRole('link').click();
    await expect(rowsOf(page)).toContainText(frames);
    await page.goBack();
    await expect(sequence).toBeVisible();
  });

  await test.step('the filter narrows the list', async () => {
    const filter = page.getByRole('searchbox', { name: 'Filter by name' });
    await focusByKey(page, '/', filter);
    await filter.pressSequentially('TAKE1');
    await expect(rowsOf(page)).toContainText(['take1.wav', 'take10.wav']);
    await filter.fill('ete');
    await expect(rowsOf(page)).toContainText(['Été.mov']);
    await filter.fill('shot.1006.exr');
    await expect(rowsOf(page)).toContainText(['shot.[1001-1008].exr']);
    await filter.fill('nothing of this name');
    await expect(page.getByText('No name here contains “nothing of this name”')).toBeVisible();
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect(rowsOf(page)).toHaveCount(5);
  });

  await test.step('Ctrl+F finds names in both directions and wraps around', async () => {
    const find = page.getByRole('search', { name: 'Find in this list' });
    const text = find.getByRole('searchbox');
    await focusByKey(page, 'Control+f', text);
    await text.pressSequentially('take');
    await expect(find).toContainText('1 of 3');
    await text.press('Enter');
    await expect(find).toContainText('2 of 3');
    await text.press('Shift+Enter');
    await expect(find).toContainText('1 of 3');
    await text.press('Shift+Enter');
    await expect(find).toContainText('3 of 3');
    await text.press('Escape');
    await expect(find).toBeHidden();
    await expect(row(page, 'take10.wav')).toBeFocused();

    await focusByKey(page, 'Control+f', text);
    await text.fill('nothing of this name');
    await expect(find).toContainText('None');
    await text.press('Escape');
    await expect(find).toBeHidden();
    await expect(row(page, 'take10.wav')).toBeFocused();
  });
});

test('a folder of 250 files keeps its structure', { tag: '@A5' }, async () => {
  // A busy machine sends only two files per second.
  test.setTimeout(600_000);
  const { page } = nora;
  const card = test.info().outputPath('Card A');
  for (const [folder, files] of [
    ['sound', 100],
    ['picture', 150],
  ] as const) {
    mkdirSync(join(card, folder), { recursive: true });
    for (let number = 1; number <= files; number++) {
      writeFileSync(join(card, folder, `clip${number}.mov`), `${folder} ${number}`);
    }
  }
  await page.goto(addressOf());
  await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a folder' }).click();
  await (await chooser).setFiles(card);
  const tray = page.getByRole('region', { name: 'Uploads' });
  await expect(tray).toContainText('250 files uploaded', { timeout: 500_000 });
  await tray.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Details of Card A' }).click();
  await expect(page.getByRole('complementary').filter({ hasText: 'Card A' })).toContainText(/Files\s*250/);
  await page.getByRole('link', { name: 'Card A' }).click();
  await expect(rowsOf(page)).toContainText(['picture', 'sound']);
  await page.getByRole('link', { name: 'picture' }).click();
  await expectRows(page, 150);
  await expect(row(page, 'clip1.mov')).toContainText('Received');
  await page.getByRole('navigation', { name: 'You are here' }).getByRole('link', { name: 'Card A' }).click();
  await page.getByRole('link', { name: 'sound' }).click();
  await expectRows(page, 100);
});

test(
  'asks before moving onto a taken name, and puts the replaced file into the trash',
  { tag: '@A27' },
  async ({ expectFaults }) => {
    expectFaults(/^409 POST \/api\/trpc\/workspace\.restoreMany$/);
    const { page } = nora;
    const folderId = await newFolder('Moves');
    const targetId = await newFolder('Final', folderId);
    await upload(page, { projectId, folderId: targetId }, 'mix.wav', 'the one that is there');
    await upload(page, { projectId, folderId }, 'mix.wav', 'the one that comes');
    await page.goto(addressOf(folderId));

    await test.step('Skip leaves the file in place', async () => {
      await moveIntoFinal(page, 'Skip');
      await expect(row(page, 'mix.wav')).toBeVisible();
    });

    await test.step('Keep both numbers the file, and Undo moves it back', async () => {
      await moveIntoFinal(page, 'Keep both');
      await expect(row(page, 'mix.wav')).toHaveCount(0);
      await page.getByRole('link', { name: 'Final' }).click();
      await expect(rowsOf(page)).toContainText(['mix (2).wav', 'mix.wav']);
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(rowsOf(page)).toContainText(['mix.wav']);
      await page.goBack();
      // Until the folder has opened, the page still lists Final, which has a mix.wav as well.
      await expect(page.getByRole('heading', { name: 'Moves' })).toBeVisible();
      await expect(row(page, 'mix.wav')).toBeVisible();
    });

    await test.step('Replace moves the existing file to the trash', async () => {
      await moveIntoFinal(page, 'Replace');
      await expect(row(page, 'mix.wav')).toHaveCount(0);
      await page.getByRole('link', { name: 'Final' }).click();
      await expect(row(page, 'mix.wav')).toContainText('18 B');
      await page.goto(`${addressOf()}?trash`);
      await expect(row(page, 'mix.wav')).toContainText('Moves / Final');
      await expect(row(page, 'mix.wav')).toContainText('21 B');
    });

    await test.step('Restore refuses a taken name, and works once it is free', async () => {
      await page.getByRole('button', { name: 'Restore mix.wav' }).click();
      await expect(page.getByText('“mix.wav” already exists here. Choose another name.')).toBeVisible();
      await expect(row(page, 'mix.wav')).toBeVisible();
      await page.goto(addressOf(targetId));
      await row(page, 'mix.wav').getByRole('button', { name: 'Actions for mix.wav' }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      const dialog = page.getByRole('dialog', { name: 'Rename' });
      await dialog.getByLabel('Name').fill('mix final.wav');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await expect(row(page, 'mix final.wav')).toBeVisible();
      await page.goto(`${addressOf()}?trash`);
      await page.getByRole('button', { name: 'Restore mix.wav' }).click();
      await expect(page.getByText('Restored mix.wav')).toBeVisible();
      await page.goto(addressOf(targetId));
      await expect(rowsOf(page)).toContainText(['mix final.wav', 'mix.wav']);
    });
  },
);

/** Moves mix.wav into the folder Final, where the name is taken. */
async function moveIntoFinal(page: Page, choice: string) {
  await page.getByRole('checkbox', { name: 'Select mix.wav' }).check();
  const selection = page.getByRole('region', { name: 'Selection' });
  await selection.getByRole('button', { name: 'Move to…' }).click();
  const chooser = page.getByRole('dialog', { name: 'Move 1 item to…' });
  await chooser.getByRole('option', { name: 'Final' }).click();
  await chooser.getByRole('button', { name: 'Move to Final' }).click();
  const question = page.getByRole('dialog', { name: 'Move 1 item to Final?' });
  await expect(question).toContainText('1 name is taken there');
  await question.getByRole('radio', { name: choice }).check();
  await question.getByRole('button', { name: 'Move', exact: true }).click();
  await expect(question).toBeHidden();
  await expect(selection).toBeHidden();
}

async function newFolder(name: string, parentId: string | null = null): Promise<string> {
  return (await callOf(nora.page, 'workspace.createFolder', { projectId, parentId, name })).id as string;
}

function addressOf(folderId = ''): string {
  return `/p/${projectId}/workspace/${folderId}`.replace(/\/$/, '');
}

/** The rows of the table without its header. */
function rowsOf(page: Page): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('gridcell') });
}

function row(page: Page, name: string): Locator {
  return rowsOf(page).filter({ has: page.getByRole('checkbox', { name: `Select ${name}`, exact: true }) });
}

async function expectRows(page: Page, count: number) {
  const table = page.getByRole('grid', { name: 'Files and folders' });
  await expect(table).toHaveAttribute('aria-rowcount', String(count + 1));
}
