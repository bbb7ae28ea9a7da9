// My work: the tasks that a coordinator, a partner and a reviewer find on their first page, and how they complete them.
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { hasFocus, press } from './keys.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';

let projectId: string;
let cora: Colleague;
let pat: Colleague;
let ines: Colleague;
let userId: string;
const ids: Record<string, string> = {};

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Western Light' })).id as string;
  cora = await joinProject(browser, page, projectId, 'Cora Lead', 'cora@work.example', 'coordinator');
  pat = await joinProject(browser, page, projectId, 'Pat Partner', 'pat@work.example');
  ines = await joinProject(browser, page, projectId, 'Ines Reviewer', 'ines@work.example', 'reviewer');
  await page.close();
  userId = (await askOf(pat.page, 'account.get')).id as string;
  const day = 24 * 3600_000;
  await request('Music and effects', Date.now() - 2 * day);
  await request('Key art', Date.now() + 8 * day);
  for (const name of ['Print master', 'Subtitles']) await deliver(name);
});
test.afterAll(async () => {
  for (const each of [cora, pat, ines]) await each?.page.context().close();
});

async function request(name: string, dueAt: number | null = null): Promise<string> {
  const input = { projectId, name, dueAt, assignees: [{ userId }] };
  return (ids[name] = (await callOf(cora.page, 'requests.create', input)).id as string);
}

/** Creates a processed request that is assigned to Pat. */
async function deliver(name: string): Promise<void> {
  const requestId = await request(name);
  await upload(pat.page, { projectId, requestId }, `${name}.wav`, name);
  await submit(requestId);
}

async function submit(requestId: string): Promise<void> {
  const state = async () => await askOf(pat.page, 'requests.get', { requestId });
  await expect.poll(async () => (await state()).possible.submit, { timeout: 30_000 }).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId });
  await expect.poll(async () => (await state()).status, { timeout: 60_000 }).toBe('processed');
}

const section = (page: Page, name: string) => page.getByRole('region', { name });
const row = (page: Page, part: string, name: string) =>
  section(page, part).locator('[data-work-row]').filter({ hasText: name });
const button = (within: Locator, name: string | RegExp) => within.getByRole('button', { name });

test('a coordinator first sees what waits for review and what is late', { tag: '@B27' }, async () => {
  const { page } = cora;
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'My work', level: 1 })).toBeVisible();
  const navigation = page.getByRole('navigation', { name: 'Main navigation' }).first();
  await expect(navigation.getByRole('link', { name: /^My work/ })).toContainText('3');
  await expect(section(page, 'Waiting for my review').locator('[data-work-row]')).toHaveCount(2);
  await expect(row(page, 'Waiting for my review', 'Subtitles')).toContainText('No findings');
  const late = row(page, 'Overdue and critical', 'Music and effects');
  await expect(late).toContainText('2 days late');
  await expect(section(page, 'Redeliveries out')).toContainText('No redelivery is out.');
  await expect(section(page, 'Unanswered')).toContainText('Everything is answered.');
  await expectAccessible(page, 'My work of a coordinator');

  await button(late, /^Remind/).click();
  await expect(late).toContainText('Reminded 1 min ago');
  await expect(button(late, /^Remind/)).toHaveCount(0);
  const { notifications } = await askOf(pat.page, 'notifications.list');
  expect(notifications[0]).toMatchObject({
    kind: 'request.reminder',
    data: { request: 'Music and effects' },
  });

  await button(late, /^Change due date/).click();
  const dialog = page.getByRole('dialog', { name: 'Change the due date' });
  await dialog.getByLabel(/^Due date/).fill('2099-03-05T18:00');
  await button(dialog, 'Save').click();
  await expect(late).toHaveCount(0);
  await expect(section(page, 'Overdue and critical')).toContainText('Nothing is late. Next due: Key art');
});

test('accepts and asks for redelivery without leaving the page, by keyboard', async () => {
  const { page } = cora;
  await page.goto(`/p/${projectId}/work`);
  const first = row(page, 'Waiting for my review', 'Print master').getByRole('link');
  await first.focus();
  await page.keyboard.press('ArrowDown');
  const second = row(page, 'Waiting for my review', 'Subtitles');
  expect(await hasFocus(second.getByRole('link'))).toBe(true);
  await page.keyboard.press('ArrowUp');
  await press(page, button(row(page, 'Waiting for my review', 'Print master'), /^Ask for redelivery/));
  const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
  await dialog.getByRole('checkbox', { name: 'Missing file' }).check();
  await dialog.getByLabel('Comment').fill('The stereo mix is missing');
  await button(dialog, 'New finding').click();
  await dialog.getByLabel('Reason', { exact: true }).selectOption({ label: 'Wrong version' });
  await button(dialog, 'Add finding').click();
  await button(dialog, 'Ask for redelivery').click();
  await expect(row(page, 'Redeliveries out', 'Print master')).toContainText('0 of 1 findings answered');
  await expect(row(page, 'Redeliveries out', 'Print master')).toContainText('Missing file');

  await press(page, button(second, /^Accept/));
  await expect(second).toHaveCount(0);
  await expect(section(page, 'Waiting for my review')).toContainText('Nothing to review.');
});

test('a partner answers a finding in the list and asks a question', { tag: '@B27' }, async () => {
  const { page } = pat;
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'My work', level: 1 })).toBeVisible();
  await expect(row(page, 'To deliver', 'Key art')).toContainText('Due in 8 days');
  const again = row(page, 'Asked again', 'Print master');
  await expect(again).toContainText('Cora Lead');
  await expect(again).toContainText('The stereo mix is missing');
  await expectAccessible(page, 'My work of a partner');
  await button(again, 'Fixed').click();
  await button(again, 'Save answer').click();
  await expect(again).toContainText('Pat Partner');
  await expect(row(cora.page, 'Redeliveries out', 'Print master')).toContainText('1 of 1 findings answered');

  const { id: coordinator } = await askOf(cora.page, 'account.get');
  const question = { requestId: ids['Key art'], text: `<@${coordinator}> With the logo?` };
  await callOf(page, 'comments.create', question);
  const asked = row(cora.page, 'Unanswered', 'Pat Partner asks in “Key art”');
  await expect(asked).toContainText('@Cora Lead With the logo?');
  await expectAccessible(cora.page, 'a question');
  await asked.getByRole('link', { name: /^Answer/ }).click();
  await expect(cora.page).toHaveURL(/#comments$/);
});

test('uploads continue from My work, and submitted requests wait for the other side', async () => {
  const { page } = pat;
  const requestId = ids['Print master']!;
  await page.goto(`/p/${projectId}/work`);
  await callOf(page, 'uploads.begin', { projectId, requestId, filename: 'stereo.wav', sizeBytes: 11 });
  const transit = row(page, 'In transit', 'stereo.wav');
  await expect(transit).toContainText('to Print master');
  await page.reload();
  const choosing = page.waitForEvent('filechooser');
  await button(transit, /^Choose the file again/).click();
  const file = { name: 'stereo.wav', mimeType: 'audio/wav', buffer: Buffer.from('hello world') };
  await (await choosing).setFiles(file);
  await expect(transit).toHaveCount(0, { timeout: 30_000 });
  await submit(requestId);
  await expect(row(page, 'Waiting for review', 'Print master')).toContainText('Waiting for the coordinator');
  await row(page, 'To deliver', 'Key art')
    .getByRole('link', { name: /^Upload/ })
    .click();
  await expect(page.getByRole('dialog', { name: 'Upload' })).toBeVisible();
});

test('an open blocker prevents Accept, and the page says why', async () => {
  const { page } = cora;
  await page.goto(`/p/${projectId}/work`);
  const back = row(page, 'Waiting for my review', 'Print master');
  await expect(back).toContainText('1 blocker not resolved');
  await button(back, /^Accept/).click();
  await expect(page.getByText('1 blocker is not resolved. Resolve it before you accept.')).toBeVisible();
  await expect(back).toBeVisible();
});

test('a reviewer sees what to review; on a phone nothing is cut off', { tag: '@B27' }, async () => {
  const { page } = ines;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/');
  const waiting = row(page, 'Waiting for my review', 'Print master');
  await expect(button(waiting, /^Accept/)).toBeInViewport({ ratio: 1 });
  await expect(button(waiting, /^Ask for redelivery/)).toHaveCount(0);
  await button(waiting, 'Actions for Print master').click();
  await expect(page.getByRole('menuitem')).toHaveText(['Open', 'Accept']);
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await expectAccessible(page, 'My work on a phone');
});
