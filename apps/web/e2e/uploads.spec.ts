// Taken names, versions, and the upload tray: existing files are not sent again, and files that never arrived are
// remembered.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, sendBytes, upload } from './people.ts';

let folder: string;
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-uploads-'));
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file with a fixed modification time, so that the test does not depend on when it runs. */
function put(path: string, content: string | Buffer, changedAt = 1_700_000_000): string {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, content);
  utimesSync(whole, changedAt, changedAt);
  return whole;
}

async function choose(page: Page, button: Locator, paths: string | string[]) {
  const chooser = page.waitForEvent('filechooser');
  await button.click();
  await (await chooser).setFiles(paths);
}

async function send(page: Page, kind: 'files' | 'folder', paths: string | string[]) {
  await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
  const label = kind === 'files' ? 'Choose files' : 'Choose a folder';
  await choose(page, page.getByRole('button', { name: label }), paths);
}

const trayOf = (page: Page) => page.getByRole('region', { name: 'Uploads' });
const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: `Select ${name}`, exact: true }) });

test(
  'asks about a taken name, and replaced bytes can be restored',
  { tag: '@A27' },
  async ({ browser, page: desk, owner, signIn }) => {
    await signIn(desk, owner);
    const id = (await callOf(desk, 'projects.create', { name: 'Taken Light' })).id as string;
    const { page } = await joinProject(browser, desk, id, 'Tara Lind', 'tara@example.com');
    await page.goto(`/p/${id}/workspace`);
    const tray = trayOf(page);
    const question = page.getByRole('dialog', { name: /taken/ });
    const card = join(folder, 'Card 001');
    for (const take of [1, 2, 3]) put(`Card 001/take${take}.wav`, `take ${take}`);

    await test.step('the same folder again sends only what is missing', async () => {
      await send(page, 'folder', card);
      await expect(tray).toContainText('3 files uploaded');
      await send(page, 'folder', card);
      await expect(tray).toContainText('All 3 files were already there');
      put('Card 001/take4.wav', 'take 4');
      await send(page, 'folder', card);
      await expect(tray).toContainText('1 uploaded, 3 already there');
      await tray.getByRole('button', { name: 'Close' }).click();
      await expect(tray).toBeHidden();
    });

    await test.step('other files with taken names: each has its answer', async () => {
      for (const name of ['mix.wav', 'notes.txt', 'cut.mov'])
        await upload(page, { projectId: id }, name, 'first');
      await send(page, 'files', [
        put('mix.wav', 'the second mix'),
        put('notes.txt', 'x'),
        put('cut.mov', 'xy'),
      ]);
      await expect(question).toContainText('3 names are taken');
      await expectAccessible(page, 'the question about taken names');
      const forAll = question.getByRole('radiogroup', { name: 'For all 3 files' });
      await forAll.getByRole('radio', { name: 'Skip' }).check();
      await expect(question.getByRole('button', { name: 'Skip all' })).toBeVisible();
      const answer = (name: string, choice: string) =>
        question.getByRole('radiogroup', { name, exact: true }).getByRole('radio', { name: choice }).check();
      await answer('mix.wav', 'Replace');
      await answer('cut.mov', 'Keep both');
      await question.getByRole('button', { name: 'Add 1 and replace 1' }).click();
      await expect(tray).toContainText('2 files uploaded');
      await expect(rowOf(page, 'cut (2).mov')).toBeVisible();
      await expect(rowOf(page, 'mix.wav')).toContainText('14 B');
      await expect(rowOf(page, 'notes.txt')).toContainText('5 B');
      await expect(rowOf(page, 'cut (2).mov')).toContainText('Unusual characters');
    });

    await test.step('the details list the version, and restore it', async () => {
      await page.getByRole('button', { name: 'Details of mix.wav' }).click();
      const panel = page.getByRole('complementary').filter({ hasText: 'mix.wav' });
      await expect(panel).toContainText('Version 2');
      await expect(panel.getByRole('link', { name: 'Download version 1' })).toBeVisible();
      await panel.getByRole('button', { name: 'Restore version 1' }).click();
      await expect(rowOf(page, 'mix.wav')).toContainText('5 B');
      await expect(panel).toContainText('Version 3');
      await expect(panel.getByRole('button', { name: 'Restore version 2' })).toBeVisible();
    });
    await page.context().close();
  },
);

test('the tray can be closed over failures, and remembers a folder of which a part never arrived', async ({
  browser,
  page: desk,
  owner,
  signIn,
  expectFaults,
}) => {
  // The test lets the hub refuse some uploads, and blocks others on the way.
  expectFaults(/^400 POST \/api\/trpc\/uploads\.begin/, /^net::ERR_FAILED POST \/api\/trpc\/uploads\.begin/);
  await signIn(desk, owner);
  const id = (await callOf(desk, 'projects.create', { name: 'Tray Light' })).id as string;
  const { page } = await joinProject(browser, desk, id, 'Toni Vale', 'toni@example.com');
  await page.goto(`/p/${id}/workspace`);
  const tray = trayOf(page);

  await test.step('failed uploads are dismissed at once and not counted again', async () => {
    await page.route('**/api/trpc/uploads.begin*', (route) => {
      const error = {
        code: -32600,
        message: 'Refused.',
        data: { code: 'BAD_REQUEST', hub: { code: 'name_invalid' } },
      };
      return route.fulfill({ status: 400, json: [{ error }] });
    });
    await send(page, 'files', [put('a.mov', 'a'), put('b.mov', 'b')]);
    await expect(tray).toContainText('2 uploads need attention');
    await tray.getByRole('button', { name: 'Close' }).click();
    await expect(tray).toBeHidden();
    await page.unroute('**/api/trpc/uploads.begin*');
    await send(page, 'files', put('c.mov', 'c'));
    await expect(tray).toContainText('1 file uploaded');
    await tray.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('a discarded upload leaves no line, although a list on its way still has it', async () => {
    await page.route('**/uploads/**', (route) =>
      route.request().method() === 'PATCH' ? undefined : route.continue(),
    );
    const discarded = page.waitForResponse(/uploads\.discard/);
    let isHeld = () => {};
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    // The list of the tray; that of the page names the project.
    const isOfTray = (url: URL) => /uploads\.list/.test(url.pathname) && !url.search.includes(id);
    const late = page.waitForEvent('requestfinished', async (request) => {
      if (!isOfTray(new URL(request.url()))) return false;
      return (await (await request.response())!.text()).includes('d.mov');
    });
    await page.route(isOfTray, async (route) => {
      const response = await route.fetch();
      if ((await response.text()).includes('d.mov')) {
        isHeld();
        await discarded;
      }
      await route.fulfill({ response });
    });
    // Whenever the tray gets or loses the line.
    await page.evaluate(() => {
      const lines: boolean[] = [];
      const look = () => {
        const tray = document.querySelector('section[aria-label="Uploads"]');
        const isThere = tray?.textContent.includes('d.mov') ?? false;
        if (isThere !== (lines.at(-1) ?? false)) lines.push(isThere);
      };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
      Object.assign(window, { lines });
    });
    await send(page, 'files', put('d.mov', 'd'));
    await held;
    await tray.getByRole('button', { name: /Remove.*d\.mov/ }).click();
    await late;
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    // Once the next upload has ended, the late list was read.
    await send(page, 'files', put('e.mov', 'e'));
    await expect(tray).toContainText('1 file uploaded');
    expect(await page.evaluate(() => (window as unknown as { lines: boolean[] }).lines)).toEqual([
      true,
      false,
    ]);
    await tray.getByRole('button', { name: 'Close' }).click();
    await expect(tray).toBeHidden();
  });

  await test.step('after a reload, the folder is chosen again and only the missing files are sent', async () => {
    const card = join(folder, 'Card 002');
    for (const take of [1, 2, 3, 4, 5]) put(`Card 002/take${take}.wav`, `take ${take}`);
    // The uploads of the first call, at most three, get through; then the hub cannot be reached.
    let arrived = 0;
    await page.route('**/api/trpc/uploads.begin*', (route) => {
      if (arrived > 0) return route.abort();
      arrived = new URL(route.request().url()).pathname.split(',').length;
      return route.continue();
    });
    await send(page, 'folder', card);
    await expect(tray.getByText('Connection lost')).not.toHaveCount(0);
    await expect(tray).toContainText(`Uploading ${arrived + 1} of 5`);
    await page.unroute('**/api/trpc/uploads.begin*');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await expect(tray).toContainText(`Card 002: ${arrived} of 5 arrived. Choose the folder again.`);
    await expectAccessible(page, 'a remembered folder');
    await choose(page, tray.getByRole('button', { name: /Choose the folder again/ }), card);
    await expect(tray).toContainText(`${5 - arrived} uploaded, ${arrived} already there`);
    await tray.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await expect(rowOf(page, 'Card 002')).toBeVisible();
    await expect(tray).toBeHidden();
  });
  await page.context().close();
});

test('in another browser the same folder continues at its missing bytes, and another file is never mixed in', async ({
  browser,
  hub,
  page: desk,
  owner,
  signIn,
  expectFaults,
}) => {
  // The name of the unfinished upload is taken for another file.
  expectFaults(/^409 POST \/api\/trpc\/uploads\.begin/);
  await signIn(desk, owner);
  const id = (await callOf(desk, 'projects.create', { name: 'Resumed Light' })).id as string;
  const first = await joinProject(browser, desk, id, 'Rita Sol', 'rita@example.com');
  const film = Buffer.alloc(3_000_000);
  for (let index = 0; index < film.length; index++) film[index] = (index * 31 + (index >> 9)) % 251;
  const sentBytes = 2_000_000;
  const { id: folderId } = await callOf(first.page, 'workspace.createFolder', {
    projectId: id,
    name: 'Card 003',
  });
  const begin = async (name: string) => {
    const file = { filename: name, sizeBytes: film.length, modifiedAt: 1_700_000_000_000 };
    const { uploadUrl } = await callOf(first.page, 'uploads.begin', { projectId: id, folderId, ...file });
    await sendBytes(first.page, uploadUrl as string, film.subarray(0, sentBytes));
  };
  for (const name of ['same.mov', 'copied.mov', 'other.mov', 'regraded.mov']) await begin(name);
  // The file has another date, so samples are not enough: every byte is compared, once the hub has hashed them.
  await expect
    .poll(async () =>
      ((await askOf(first.page, 'uploads.list')) as { hashedBytes: number }[]).map(
        (each) => each.hashedBytes,
      ),
    )
    .toEqual([sentBytes, sentBytes, sentBytes, sentBytes]);
  await first.page.context().close();

  const page = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await signIn(page, first);
  const sent: Record<string, string[]> = {};
  page.on('request', (request) => {
    if (request.method() !== 'PATCH') return;
    const { pathname } = new URL(request.url());
    (sent[pathname] ??= []).push(request.headers()['upload-offset']!);
  });
  await page.goto(`/p/${id}/workspace/${folderId}`);
  const tray = trayOf(page);
  await expect(tray.getByRole('button', { name: /^Choose the file again/ })).toHaveCount(4);

  await test.step('the same file, and its copy with another date, send what is missing', async () => {
    await send(page, 'files', [put('same.mov', film), put('copied.mov', film, 1_700_000_999)]);
    await expect(tray).toContainText('2 files uploaded');
    expect(Object.values(sent)).toEqual([[String(sentBytes)], [String(sentBytes)]]);
  });

  await test.step('a file with other bytes is asked about, and gets an upload of its own', async () => {
    const other = Buffer.from(film);
    other[0]! ^= 1;
    // A single byte differs, outside the samples, so that only the date reveals the difference.
    const regraded = Buffer.from(film);
    regraded[100_000]! ^= 1;
    await send(page, 'files', [put('other.mov', other), put('regraded.mov', regraded, 1_700_000_999)]);
    const answers = tray.getByRole('button', { name: /^Keep both ?: / });
    await expect(answers).toHaveCount(2);
    await expectAccessible(page, 'files that differ from their uploads');
    await answers.first().click();
    await answers.first().click();
    await expect(tray).toContainText('2 files uploaded');
    await expect(rowOf(page, 'other (2).mov')).toBeVisible();
    await expect(rowOf(page, 'regraded (2).mov')).toBeVisible();
    const starts = Object.values(sent).map(([start]) => start);
    expect(starts.toSorted()).toEqual(['0', '0', String(sentBytes), String(sentBytes)]);
  });

  await test.step('the uploads that were begun stay, to be gone on with or discarded', async () => {
    await page.reload();
    const discard = tray.getByRole('button', { name: /^Discard/ });
    await expect(discard).toHaveCount(2);
    await discard.first().click();
    await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toBeVisible();
  });
  await page.context().close();
});

test('a tap explains why a button is disabled, and the text ignores the pointer', async ({
  browser,
  hub,
  page: desk,
  owner,
  signIn,
}) => {
  await signIn(desk, owner);
  const id = (await callOf(desk, 'projects.create', { name: 'Touched Light' })).id as string;
  const { page: lead } = await joinProject(browser, desk, id, 'Lea Frei', 'lea@touch.example', 'coordinator');
  const request = { projectId: id, name: 'Trailer', dueAt: Date.now() + 86_400_000 };
  const { id: requestId } = await callOf(lead, 'requests.create', request);
  await callOf(lead, 'requests.cancel', { requestId });
  const storageState = await lead.context().storageState();
  const touch = await browser.newContext({ baseURL: hub.address, storageState, hasTouch: true });
  const page = await touch.newPage();
  await page.goto(`/p/${id}/deliveries/${requestId}`);
  const upload = page.getByRole('button', { name: 'Upload', exact: true }).first();
  // Waits until the button stands still, because a forced tap does not wait.
  await upload.hover({ trial: true });
  // The tap is forced because the button is disabled; people press it all the same.
  await upload.tap({ force: true });
  const words = page.getByText('(now Cancelled)');
  await expect(words).toBeVisible();
  await expect(words).toHaveCSS('pointer-events', 'none');
  await page.keyboard.press('Escape');
  await expect(words).toBeHidden();
  for (const context of [touch, lead.context()]) await context.close();
});
