// Two people work on the same request or file at the same time. The page names the person who acted first, and keeps
// the other person's input.
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';

let projectId: string;
let cora: Colleague;
let dana: Colleague;
let pat: Colleague;
let june: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Eastern Light' })).id as string;
  const join = (name: string, role: string) => {
    const email = `${name.toLowerCase().replace(' ', '.')}@two.example`;
    return joinProject(browser, page, projectId, name, email, role);
  };
  cora = await join('Cora Lindqvist', 'coordinator');
  dana = await join('Dana Lead', 'coordinator');
  pat = await join('Pat Kowalski', 'partner');
  june = await join('June Marchetti', 'partner');
  await page.close();
});
test.afterAll(async () => {
  for (const { page } of [cora, dana, pat, june]) await page.context().close();
});

test('both edit one request: the second sees what the first changed, chooses, and loses nothing', async ({
  expectFaults,
}) => {
  expectFaults(
    ...['409', 'net::ERR_FAILED', '401'].map((why) => new RegExp(`^${why} POST /api/trpc/requests.update$`)),
  );
  const requestId = await createRequest('Print master');
  await Promise.all([openForm(cora.page, requestId), openForm(dana.page, requestId)]);
  await formOf(dana.page).getByRole('textbox', { name: 'Description' }).fill('Stereo, says Dana');
  await save(dana.page);
  await expect(formOf(dana.page)).toBeHidden();

  const { page } = cora;
  const form = formOf(page);
  await form.getByRole('textbox', { name: 'Name' }).fill('Print master, reel 3');
  await form.getByRole('textbox', { name: 'Description' }).fill('5.1, says Cora');

  await test.step('Escape and a press beside the form ask first', async () => {
    const question = page.getByRole('alertdialog', { name: 'Discard what you entered?' });
    await page.keyboard.press('Escape');
    await expect(question).toBeVisible();
    await expectAccessible(page, 'the question before something entered is lost');
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await page.mouse.click(5, 5);
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await expect(form.getByRole('textbox', { name: 'Description' })).toHaveValue('5.1, says Cora');
  });

  await test.step('what Dana changed is shown beside it', async () => {
    await save(page);
    await expect(form.getByRole('alert')).toContainText('Dana Lead changed this while you were editing.');
    const choice = form.getByRole('group', { name: 'Description' });
    await expect(choice).toContainText('5.1, says Cora');
    await expect(choice).toContainText('Stereo, says Dana');
    await expect(form.getByRole('button', { name: 'Save' })).toBeDisabled();
    await expectAccessible(page, 'an edit that meets another one');
    await choice.getByRole('radio', { name: /Dana Lead/ }).check();
    await expect(form.getByRole('textbox', { name: 'Description' })).toHaveValue('Stereo, says Dana');
    await choice.getByRole('radio', { name: /Yours/ }).check();
    await form.getByRole('textbox', { name: 'Description' }).fill('5.1 and stereo');
  });

  await test.step('a lost connection and a session that ended keep what was entered', async () => {
    await page.route('**/api/trpc/requests.update**', (route) => route.abort(), { times: 1 });
    await save(page);
    await expect(form.getByText('The server does not answer.')).toBeVisible();
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await save(page);
    await expect(form.getByText('You are signed out.')).toBeVisible();
    await page.context().addCookies(cookies);
    await save(page);
    await expect(form).toBeHidden();
  });
  const saved = await askOf(page, 'requests.get', { requestId });
  expect([saved.name, saved.description]).toEqual(['Print master, reel 3', '5.1 and stereo']);
});

test('both decide about one round: the second learns who decided, and keeps the reasons', async ({
  expectFaults,
}) => {
  expectFaults(
    /^net::ERR_FAILED GET \/api\/trpc\/live\.stream$/,
    /^409 POST \/api\/trpc\/requests\.accept$/,
    /^409 POST \/api\/trpc\/requests\.askForRedelivery$/,
  );
  const requestId = await createRequest('Mix stems');
  await upload(pat.page, { projectId, requestId }, 'mix.wav', 'the mix');
  await expect.poll(async () => (await possibleFor(pat.page, requestId)).submit).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId });
  await expect.poll(() => statusOf(requestId)).toBe('processed');
  const { page } = dana;
  // Blocks live updates, so that Dana's page does not learn of Cora's action.
  await page.route('**/api/trpc/live.stream**', (route) => route.abort());
  await open(page, requestId);
  await callOf(cora.page, 'requests.accept', { requestId });
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect(page.getByText('Cora Lindqvist has just accepted the request.')).toBeVisible();

  await callOf(cora.page, 'requests.reopen', { requestId });
  await open(page, requestId);
  await page.getByRole('button', { name: 'More actions for this request' }).click();
  await page.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
  await dialog.getByRole('checkbox', { name: 'Wrong version' }).check();
  await dialog.getByLabel('Comment').fill('This is v06');
  await open(cora.page, requestId);
  await cora.page.getByRole('button', { name: 'Accept', exact: true }).click();
  await expect.poll(() => statusOf(requestId)).toBe('accepted');
  await dialog.getByRole('button', { name: 'Ask for redelivery' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Cora Lindqvist has just accepted the request.');
  await expect(dialog.getByLabel('Comment')).toHaveValue('This is v06');
  await page.unroute('**/api/trpc/live.stream**');
});

test('one person deletes, moves or shares an entry while the other works on it', async ({ expectFaults }) => {
  expectFaults(/^409 POST \/api\/trpc\/workspace\.rename$/, /^404 POST \/api\/trpc\/shares\.create$/);
  const reel = (await callOf(pat.page, 'workspace.createFolder', { projectId, name: 'Reel' })).id as string;
  const place = { projectId, folderId: reel };
  for (const name of ['take.wav', 'music.wav', 'cue.wav']) await upload(pat.page, place, name, name);
  await callOf(pat.page, 'workspace.createFolder', { projectId, parentId: reel, name: 'Selects' });
  const rights = { canShare: true, canUpdate: true, timeZone: 'UTC' };
  await callOf(pat.page, 'shares.create', { projectId, entryIds: [reel], people: [june.email], ...rights });
  await pat.page.goto(`/p/${projectId}/workspace/${reel}`);
  await june.page.goto(`/p/${projectId}/workspace/${reel}`);

  await test.step('June deletes what Pat renames', async () => {
    await act(pat.page, 'take.wav', 'Rename');
    const dialog = pat.page.getByRole('dialog', { name: 'Rename' });
    await dialog.getByRole('textbox').fill('take, picked.wav');
    await act(june.page, 'take.wav', 'Delete for everyone');
    await june.page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await expect(june.page.getByText('Moved take.wav to the trash')).toBeVisible();
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(dialog.getByText('June Marchetti deleted “take.wav” in the meantime.')).toBeVisible();
    await expect(dialog.getByRole('textbox')).toHaveValue('take, picked.wav');
    await pat.page.keyboard.press('Escape');
    await pat.page.getByRole('button', { name: 'Discard' }).click();
    await expect(dialog).toBeHidden();
    const { entries } = await askOf(pat.page, 'workspace.listTrash', { projectId });
    expect(entries).toMatchObject([{ name: 'take.wav', deletedBy: { name: 'June Marchetti' } }]);
  });

  await test.step('June moves within the folder what Pat shares: both are done', async () => {
    await act(pat.page, 'cue.wav', 'Share…');
    const dialog = pat.page.getByRole('dialog', { name: 'Share cue.wav' });
    await dialog.getByRole('combobox').fill(dana.email);
    await act(june.page, 'cue.wav', 'Move to…');
    const chooser = june.page.getByRole('dialog');
    await chooser.getByText('Selects').click();
    await chooser.getByRole('button', { name: 'Move', exact: false }).last().click();
    await expect(rowOf(june.page, 'cue.wav')).toBeHidden();
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(pat.page.getByText('Shared with Dana Lead')).toBeVisible();
  });

  await test.step('Pat moves out of the folder what June shares', async () => {
    await act(june.page, 'music.wav', 'Share…');
    const dialog = june.page.getByRole('dialog', { name: 'Share music.wav' });
    await dialog.getByLabel(/^Note/).fill('For the trailer');
    await dialog.getByRole('combobox').fill(dana.email);
    await dialog.getByRole('combobox').press('Enter');
    const { entries } = await askOf(pat.page, 'workspace.list', place);
    const { id } = entries.find(({ name }: { name: string }) => name === 'music.wav');
    const selection = { entryIds: [id] };
    await callOf(pat.page, 'workspace.move', { projectId, selection, folderId: null });
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText('Ask Pat Kowalski.');
    await expect(dialog.getByLabel(/^Note/)).toHaveValue('For the trailer');
  });
});

async function createRequest(name: string): Promise<string> {
  const { id } = await askOf(pat.page, 'account.get');
  return (await callOf(cora.page, 'requests.create', { projectId, name, assignees: [{ userId: id }] })).id;
}

async function possibleFor(page: Page, requestId: string): Promise<Record<string, unknown>> {
  return (await askOf(page, 'requests.get', { requestId })).possible;
}

async function statusOf(requestId: string): Promise<string> {
  return (await askOf(cora.page, 'requests.get', { requestId })).status;
}

async function open(page: Page, requestId: string): Promise<void> {
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
}

async function openForm(page: Page, requestId: string): Promise<void> {
  await open(page, requestId);
  await page.getByRole('button', { name: 'More actions for this request' }).click();
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  await expect(formOf(page)).toBeVisible();
}

function formOf(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Edit request' });
}

async function save(page: Page): Promise<void> {
  await formOf(page).getByRole('button', { name: 'Save' }).click();
}

function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

async function act(page: Page, name: string, action: string): Promise<void> {
  await rowOf(page, name)
    .getByRole('button', { name: `Actions for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: action }).click();
}
