// From a Workspace into a request: choosing the request, the check before files move, undo and submit.
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { focusByKey, press, tabTo } from './keys.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';
import { byKeys, onPhone } from './phone.ts';

let projectId: string;
let lead: Colleague;
let luis: Colleague;
let una: Colleague;
let requestId: string;
const requestName = 'Print master, reel 3';

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Western Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Mara Lead', 'mara@example.com', 'coordinator');
  luis = await joinProject(browser, page, projectId, 'Luis Partner', 'luis@example.com');
  una = await joinProject(browser, page, projectId, 'Una Upload', 'una@example.com', 'uploader');
  await page.close();
  const assignees: { userId: unknown }[] = [];
  for (const { page: their } of [luis, una])
    assignees.push({ userId: (await askOf(their, 'account.get')).id });
  const typeOf = async (name: string, rules: object) =>
    (await callOf(lead.page, 'requestTypes.create', { projectId, name, rules })).id as string;
  const mixes = await typeOf('Sound mix, near field', {
    namePattern: 'R3_v{version:digits(2)}_{side:L|R|C}.wav',
    expected: { kind: 'count', min: 3 },
    overridable: ['name_pattern'],
  });
  const pictures = await typeOf('Picture', { extensions: ['mov'] });
  const open = (name: string, typeId: string) =>
    callOf(lead.page, 'requests.create', { projectId, name, typeId, assignees });
  requestId = (await open(requestName, mixes)).id as string;
  await open('Picture, reel 3', pictures);
  await callOf(lead.page, 'requests.create', { projectId, name: 'Not theirs', assignees: [] });
});
test.afterAll(async () => {
  for (const { page } of [lead, luis, una]) await page.context().close();
});

test(
  'chooses the request by how well the files fit, and adds nothing before the questions are answered',
  { tag: '@A16' },
  async () => {
    const { page } = luis;
    for (const name of ['R3_v07_L.wav', 'R3 v7 R.wav', 'centre.wav', 'notes.txt']) {
      await upload(page, { projectId }, name, `the bytes of ${name}`);
    }
    await page.goto(`/p/${projectId}/workspace`);
    await select(page, ['R3_v07_L.wav', 'R3 v7 R.wav', 'centre.wav']);
    await barOf(page).getByRole('button', { name: 'Submit' }).click();
    const chooser = page.getByRole('dialog', { name: 'Choose a request' });
    const requests = chooser.getByRole('listitem');
    // Lists only the person's own requests, the best fit first, and preselects none.
    await expect(requests).toHaveCount(2);
    await expect(requests.first()).toContainText(
      /Print master, reel 3.*Open.*no files yet.*1 of 3 files fit/,
    );
    await expect(requests.last()).toContainText(/Picture, reel 3.*0 of 3 files fit.*Formats/);
    await expect(barOf(page)).toContainText('Submit: choose a request first');
    await expectAccessible(page, 'the choice of a request');
    await chooser.getByRole('searchbox', { name: 'Find a request' }).fill('print');
    await expect(requests).toHaveCount(1);
    await requests.getByRole('button').click();
    await barOf(page).getByRole('button', { name: 'Submit', exact: true }).click();

    const dialog = checkOf(page);
    await expect(dialog).toContainText('1 of 3 files fit');
    await expect(dialog.getByRole('checkbox', { name: 'Rename to R3_v07_R.wav' })).toBeChecked();
    await expect(fileIn(dialog, 'centre.wav')).toContainText('Can be overridden');
    await expect(buttonOf(dialog)).toBeDisabled();
    await expectAccessible(page, 'the check before a submit');
    await fileIn(dialog, 'centre.wav').getByLabel('Why add it anyway?').fill('There is no centre');
    await expect(dialog).toContainText('Then all 3 files are there. The request is not submitted yet.');
    expect(await pathsIn()).toEqual([]);
    await dialog.getByRole('button', { name: 'Add 3 files' }).click();
    await expect(toastOf(page)).toContainText(`Added 3 files to ${requestName}`);
    await expect(toastOf(page)).toContainText('The request is not submitted yet.');
    await expect(barOf(page)).toBeHidden();
    expect(await pathsIn()).toEqual(['centre.wav', 'R3_v07_L.wav', 'R3_v07_R.wav']);
    await expect(rowOf(page, 'centre.wav')).toContainText(/Print master, reel 3.*Round 1, not submitted yet/);
    await expect(rowOf(page, 'notes.txt')).toContainText('Not delivered');
  },
);

test('reverses everything with Undo, and shows where the files went', async () => {
  const { page } = luis;
  await toastOf(page).getByRole('button', { name: 'Undo' }).click();
  await expect(toastOf(page)).toContainText(`Taken back: ${requestName} is as it was before.`);
  expect(await pathsIn()).toEqual([]);
  await expect(rowOf(page, 'centre.wav')).toContainText('Not delivered');
});

test('asks what to do with a taken name, and skips files whose bytes are already there', async () => {
  const { page } = luis;
  await callOf(page, 'requestFiles.addFromWorkspace', {
    requestId,
    entryIds: [await entryOf(page, 'R3_v07_L.wav')],
  });
  await upload(lead.page, { projectId, requestId }, 'R3_v07_R.wav', 'another right side');
  await page.goto(`/p/${projectId}/workspace`);
  await select(page, ['R3_v07_L.wav', 'R3 v7 R.wav']);
  await openCheck(page);
  const dialog = checkOf(page);
  await expect(fileIn(dialog, 'R3_v07_L.wav')).toContainText('Already there');
  const taken = fileIn(dialog, 'R3 v7 R.wav');
  await expect(taken).toContainText(/Another file has this name: 18 B, Mara Lead/);
  await expect(buttonOf(dialog)).toBeDisabled();
  await taken.getByRole('radio', { name: 'Keep both' }).check();
  await expect(taken).toContainText('The new file is called R3_v07_R_2.wav');
  await taken.getByRole('radio', { name: 'Replace' }).check();
  await dialog.getByRole('button', { name: 'Replace 1 file' }).click();
  await expect(toastOf(page)).toContainText(`Replaced 1 file in ${requestName}`);
  await expect(toastOf(page)).toContainText('1 was there already.');
  await toastOf(page).getByRole('link', { name: requestName }).click();
  await expect(page.getByRole('heading', { name: requestName, level: 1 })).toBeVisible();
});

test('works by keyboard alone, up to the submit of the request', { tag: '@A28' }, async () => {
  const page = await byKeys(luis);
  await upload(luis.page, { projectId }, 'R3_v08_C.wav', 'the centre');
  await page.goto(`/p/${projectId}/workspace`);
  await focusByKey(page, 'Tab', page.getByRole('link', { name: 'Skip to content' }));
  await tabTo(page, page.locator('[data-place][tabindex="0"]'));
  await press(page, page.getByRole('row').filter({ hasText: 'R3_v08_C.wav' }), 'Space', 'ArrowDown');
  await press(page, barOf(page).getByRole('button', { name: 'Submit' }));
  // Only this request fits, so it is preselected and the bar says why.
  await expect(barOf(page)).toContainText('Chosen because this file fits only here');
  await press(page, barOf(page).getByRole('button', { name: requestName }));
  await expect(page.getByRole('searchbox', { name: 'Find a request' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(barOf(page).getByRole('button', { name: 'Submit', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(buttonOf(checkOf(page))).toHaveText('Add 1 file');
  await press(page, buttonOf(checkOf(page)));
  await expect(toastOf(page)).toContainText(`Added 1 file to ${requestName}`);
  await expect.poll(() => whyNotSubmitted(lead.page)).toBeNull();
  await press(page, toastOf(page).getByRole('button', { name: 'Submit' }), 'Enter', 'Shift+Tab');
  await expect(toastOf(page)).toContainText(`Submitted ${requestName}`);
  await expect.poll(() => statusOf(lead.page)).toBe('processed');
  // The list updates without a reload.
  await expect(rowOf(page, 'R3_v08_C.wav')).toContainText('Round 1, processed');
  await tabTo(page, page.locator('[data-place][tabindex="0"]'));
  await tabTo(page, rowOf(page, 'R3_v08_C.wav'), 'ArrowDown');
  await page.keyboard.press('i');
  await press(page, page.getByRole('link', { name: `Delivered in round 1 of “${requestName}” · processed` }));
  await expect(page.getByRole('heading', { name: requestName, level: 1 })).toBeVisible();
  await page.close();
});

test(
  'clears a redelivery first, says what will be missing, and undoes the clearing',
  { tag: '@A17' },
  async () => {
    const { page } = luis;
    await callOf(lead.page, 'requests.askForRedelivery', { requestId, reasons: ['wrong_version'] });
    const before = await pathsIn();
    await upload(page, { projectId }, 'R3_v09_L.wav', 'left, once more');
    await page.goto(`/p/${projectId}/workspace`);
    await select(page, ['R3_v09_L.wav']);
    await openCheck(page);
    const dialog = checkOf(page);
    await dialog.getByRole('switch', { name: 'Clear the 3 files that are there' }).check();
    await expect(dialog).toContainText('R3_v07_L.wav, R3_v07_R.wav, R3_v08_C.wav');
    await expect(dialog).toContainText('Then 1 of 3 files are there.');
    await expectAccessible(page, 'a submit that clears files');
    expect(await pathsIn()).toEqual(before);
    await dialog.getByRole('button', { name: 'Clear 3 files and add 1' }).click();
    await expect(toastOf(page)).toContainText(`Cleared 3 files and added 1 in ${requestName}`);
    expect(await pathsIn()).toEqual(['R3_v09_L.wav']);
    await toastOf(page).getByRole('button', { name: 'Undo' }).click();
    await expect(toastOf(page)).toContainText('Taken back');
    expect(await pathsIn()).toEqual(before);
  },
);

test('tells uploaders in advance what they may not do, on a phone by touch alone', async ({ browser }) => {
  const page = await onPhone(browser, una);
  await upload(una.page, { projectId }, 'R3_v07_L.wav', 'by the uploader');
  await page.goto(`/p/${projectId}/workspace`);
  await page.getByRole('button', { name: 'Actions for R3_v07_L.wav' }).tap();
  await page.getByRole('menuitem', { name: 'Submit to a request…' }).tap();
  await barOf(page).getByRole('button', { name: 'Submit', exact: true }).tap();
  const dialog = checkOf(page);
  // People who see only their own files do not learn whose file it is.
  await expect(dialog).toContainText('Another file has this name');
  await expect(dialog).not.toContainText('Luis');
  await expect(dialog.getByRole('radio', { name: 'Replace' })).toBeDisabled();
  await expect(dialog).toContainText('Only partners and coordinators can replace files here');
  await expect(dialog.getByRole('switch')).toBeDisabled();
  await expect(dialog).toContainText('Only partners and coordinators can clear files.');
  await dialog.getByText('Keep both', { exact: true }).tap();
  await fileIn(dialog, 'R3_v07_L.wav').getByLabel('Why add it anyway?').fill('Asked for by Mara');
  await expectAccessible(page, 'the check on a phone');
  await buttonOf(dialog).tap();
  await expect(toastOf(page)).toContainText(`Added 1 file to ${requestName}`);
  await toastOf(page).getByRole('button', { name: 'Undo' }).tap();
  await expect(toastOf(page)).toContainText('Taken back');
  await page.context().close();
});

/** Goes from the selection to the check, for the preselected request or the first one. */
async function openCheck(page: Page): Promise<void> {
  await barOf(page).getByRole('button', { name: 'Submit' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose a request' });
  const submit = barOf(page).getByRole('button', { name: 'Submit', exact: true });
  await expect(barOf(page).getByRole('button', { name: 'Cancel' })).toBeVisible();
  if (await chooser.isVisible()) await chooser.getByRole('button', { name: requestName }).click();
  await submit.click();
}

function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name });
}

function barOf(page: Page): Locator {
  return page.locator('[role="region"][aria-label="Selection"]:not([inert])');
}

function checkOf(page: Page): Locator {
  return page.getByRole('dialog', { name: /^Submit \d+ files? to a request$/ });
}

/** Returns the button that executes the check's result. */
function buttonOf(dialog: Locator): Locator {
  return dialog.getByRole('button', { name: /^(Add|Replace \d|Clear \d)/ });
}

function fileIn(dialog: Locator, name: string): Locator {
  return dialog.getByRole('listitem').filter({ has: dialog.page().getByText(name, { exact: true }) });
}

function toastOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Notifications' }).last();
}

async function select(page: Page, names: readonly string[]) {
  for (const name of names) {
    await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
  }
}

async function entryOf(page: Page, name: string): Promise<string> {
  const { entries } = await askOf(page, 'workspace.list', { projectId });
  return entries.find((entry: { name: string }) => entry.name === name).id as string;
}

async function pathsIn(): Promise<string[]> {
  const { files } = await askOf(lead.page, 'requestFiles.list', { requestId });
  return files.map(({ name }: { name: string }) => name);
}

async function whyNotSubmitted(page: Page): Promise<unknown> {
  return (await askOf(page, 'requests.get', { requestId })).possible.submit;
}

async function statusOf(page: Page): Promise<string> {
  return (await askOf(page, 'requests.get', { requestId })).status as string;
}
