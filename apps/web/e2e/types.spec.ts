// Request types: one is created, its rules apply before upload and at submit, and people comment on the request.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, type Colleague } from './people.ts';

let projectId: string;
let lead: Colleague;
let mixer: Colleague;
let requestPath: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Eastern Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Lia Lead', 'lia@example.com', 'coordinator');
  mixer = await joinProject(browser, page, projectId, 'Milo Mixer', 'milo@example.com');
  await page.close();
});
test.afterAll(async () => {
  await lead?.page.context().close();
  await mixer?.page.context().close();
});

test('creates a type with a pattern, whose explanation is shown', { tag: '@B17' }, async () => {
  const { page } = lead;
  await page.goto(`/p/${projectId}/types`);
  await expect(page.getByRole('row', { name: /Print master/ })).toBeVisible();
  await expectAccessible(page, 'the types');
  await page.getByRole('button', { name: 'New type' }).click();
  const dialog = page.getByRole('dialog', { name: 'New type' });
  await dialog.getByLabel('Name', { exact: true }).fill('Stereo pair');
  const pattern = dialog.getByLabel(/^Name pattern/);
  await pattern.fill('{reel:digits(2)}_{side:L|R');
  await expect(dialog.getByText('has no closing brace')).toBeVisible();
  await pattern.fill('R{reel:digits(2)}_{side:L|R}.wav');
  await expect(dialog.getByText('side: L / R')).toBeVisible();
  await expect(dialog.getByText('R10_L.wav')).toBeVisible();
  await dialog.getByLabel('Try a name').fill('r1_l.WAV');
  await expect(dialog.getByText('Suggested name: R01_L.wav')).toBeVisible();
  await dialog.getByLabel(/^Formats/).fill('wav');
  await dialog.getByLabel('Expected files', { exact: true }).selectOption('A fixed list');
  await dialog.getByLabel(/^One name or pattern/).fill('{reel:any}_L.wav\n{reel:any}_R.wav');
  await dialog.getByLabel('Empty files').check();
  await expectAccessible(page, 'the editor of a type');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('row', { name: /Stereo pair/ })).toContainText('2 expected files');
});

test('creates a type that expects a number of files', async () => {
  const { page } = lead;
  await page.getByRole('button', { name: 'New type' }).click();
  const dialog = page.getByRole('dialog', { name: 'New type' });
  await dialog.getByLabel('Name', { exact: true }).fill('Trailers');
  await dialog.getByLabel('Expected files', { exact: true }).selectOption('A number of files');
  await dialog.getByLabel('At least', { exact: true }).fill('2');
  await dialog.getByLabel(/^At most/).fill('4');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('row', { name: /Trailers/ })).toContainText('2 to 4 files');
});

test('shows partners which files break the rules before the upload', { tag: '@B18' }, async () => {
  const type = (await askOf(lead.page, 'requestTypes.list', { projectId })).find(
    ({ name }: { name: string }) => name === 'Stereo pair',
  );
  const { id: userId } = await askOf(mixer.page, 'account.get');
  const input = { projectId, name: 'Reel one', typeId: type.id, assignees: [{ userId }] };
  const { id } = await callOf(lead.page, 'requests.create', input);
  requestPath = `/p/${projectId}/deliveries/${id}`;
  const { page } = mixer;
  await page.goto(requestPath);
  await expect(page.getByRole('region', { name: 'Requirements' })).toContainText('Missing');
  await choose(page, { 'r1_l.wav': 'left', 'R01_R.wav': '', 'notes.txt': 'notes' });
  const dialog = page.getByRole('dialog', { name: 'Check before upload' });
  await expect(dialog).toContainText('0 of 3 files fit');
  await expectAccessible(page, 'files before their upload');
  await expect(dialog.getByRole('checkbox', { name: 'Rename to R01_L.wav' })).toBeChecked();
  const upload = dialog.getByRole('button', { name: /^Upload/ });
  await expect(upload).toBeDisabled();
  await dialog
    .getByRole('listitem')
    .filter({ hasText: 'notes.txt' })
    .getByRole('button', { name: 'Skip' })
    .click();
  await dialog.getByLabel(/^Why add it anyway/).fill('The right side is silent');
  await expect(upload).toHaveText('Upload 2 files');
  await upload.click();
  for (const name of ['R01_L.wav', 'R01_R.wav']) await expect(page.getByRole('row', { name })).toBeVisible();
  await expect(page.getByText('All other requirements are met.')).toBeVisible();
  await expect(page.getByText(/overrode a rule \(Empty files\): The right side is silent/)).toBeVisible();
  await test.step('a file with the same name is replaced only on request', async () => {
    await choose(page, { 'R01_L.wav': 'left, once more' });
    await expect(dialog.getByText('Another file has this name')).toBeVisible();
    await expect(upload).toBeDisabled();
    await dialog.getByRole('radio', { name: 'Replace' }).check();
    await dialog.getByRole('button', { name: 'Upload 1 file' }).click();
    await expect(page.getByRole('row', { name: /R01_L\.wav.*15 B/ })).toBeVisible();
    await expect(page.getByText('replaced R01_L.wav')).toBeVisible();
  });
});

test(
  'restores a removed file, and refuses the submit while files are missing',
  { tag: '@B25' },
  async ({ expectFaults }) => {
    expectFaults(/^409 POST \/api\/trpc\/requests\.submit$/);
    const { page } = mixer;
    await page.goto(requestPath);
    await page.getByRole('button', { name: 'Actions for R01_L.wav' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByRole('row', { name: 'R01_L.wav' })).toBeHidden();
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect(page.getByText(/Missing: a file such as .+_L\.wav/).first()).toBeVisible();

    await lead.page.goto(requestPath);
    await lead.page.getByRole('button', { name: 'More actions for this request' }).click();
    await lead.page.getByRole('menuitem', { name: 'Removed files…' }).click();
    await lead.page
      .getByRole('listitem')
      .filter({ hasText: 'R01_L.wav' })
      .filter({ hasText: 'Removed' })
      .getByRole('button', { name: 'Restore' })
      .click();
    await lead.page.keyboard.press('Escape');
    await expect(page.getByRole('row', { name: 'R01_L.wav' })).toBeVisible();
  },
);

test('people comment, and mentioned people are notified', { tag: '@B26' }, async () => {
  const { page } = mixer;
  await page.goto(requestPath);
  const comments = page.getByRole('region', { name: 'Comments' });
  await comments.getByLabel('Write a comment').fill('<b>Done</b>, see https://example.com/cut, @Li');
  await page.getByRole('option', { name: 'Lia Lead' }).click();
  await comments.getByRole('button', { name: 'Comment', exact: true }).click();
  const words = '<b>Done</b>, see https://example.com/cut, @Lia Lead';
  await expect(comments.getByText(words)).toBeVisible();
  const link = comments.getByRole('link', { name: 'https://example.com/cut', exact: true });
  await expect(link).toHaveAttribute('href', 'https://example.com/cut');
  await expectAccessible(page, 'a request with comments');
  // The comment appears live on the page that is already open.
  await expect(lead.page.getByText(words)).toBeVisible();
  await lead.page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(lead.page.getByText('Milo Mixer mentioned you in “Reel one”')).toBeVisible();

  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Reel one' })).toBeVisible();
  await lead.page.goto(`/p/${projectId}/activity`);
  await expect(lead.page.getByText(/Milo Mixer submitted round 1/).first()).toBeVisible();
  await expectAccessible(lead.page, 'the activity');
  await lead.page.getByLabel('About').selectOption('Files');
  await expect(lead.page).toHaveURL(/about=file/);
  await expect(lead.page.getByText(/R01_L\.wav/).first()).toBeVisible();
});

async function choose(page: Page, files: Record<string, string>): Promise<void> {
  const folder = test.info().outputPath('chosen');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  await (await chooser).setFiles(Object.keys(files).map((name) => join(folder, name)));
}
