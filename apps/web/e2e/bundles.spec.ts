// Many small files dropped at once: they share requests, and each still has a result of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { drop } from './dropping.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

let folder: string;
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-bundles-'));
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes small files, and returns their paths. The names do not count up, or the files would become one image sequence. */
function put(inside: string, count: number): string[] {
  mkdirSync(join(folder, inside), { recursive: true });
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, inside, `${index} of ${inside}.txt`);
    writeFileSync(path, `${inside} ${index}`);
    return path;
  });
}

/** The requests that send files. */
function sending(page: Page) {
  const sent = { bundles: 0, alone: 0 };
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/uploads/bundle') sent.bundles++;
    if (request.method() === 'PATCH') sent.alone++;
  });
  return sent;
}

const isBundle = '**/uploads/bundle';
/** Hundreds of files are synced and hashed, which takes long on a busy disk. */
const patient = { timeout: 90_000 };

test('a folder of 300 small files goes in two requests, and what breaks is sent again without doubles', async ({
  browser,
  page: desk,
  owner,
  signIn,
  expectFaults,
}) => {
  expectFaults(
    // One name is taken while the bundle is on its way; two requests are cut; and a proxy refuses all of them.
    /^net::ERR_\w+ POST \/uploads\/bundle/,
    /^413 POST \/uploads\/bundle/,
  );
  await signIn(desk, owner);
  const id = (await callOf(desk, 'projects.create', { name: 'Bundled Light' })).id as string;
  const { page } = await joinProject(browser, desk, id, 'Bea Moss', 'bea@example.com');
  await page.goto(`/p/${id}/workspace`);
  const tray = page.getByRole('region', { name: 'Uploads' });
  const close = async () => {
    await tray.getByRole('button', { name: 'Close' }).click();
    await expect(tray).toBeHidden();
  };
  const namesIn = async (folderId: string | null) => {
    const list = (await askOf(page, 'workspace.list', { projectId: id, folderId, limit: 500 })) as {
      entries: { id: string; name: string }[];
    };
    return list.entries;
  };

  await test.step('a folder of 300 files', async () => {
    put('Card 001', 300);
    const sent = sending(page);
    await drop(page, [join(folder, 'Card 001')]);
    await expect(tray).toContainText('300 files uploaded', patient);
    expect(sent).toEqual({ bundles: 2, alone: 0 });
    const card = (await namesIn(null)).find(({ name }) => name === 'Card 001')!;
    expect(await namesIn(card.id)).toHaveLength(300);
    await close();
  });

  await test.step('a name that was taken meanwhile is asked about, and the others arrive', async () => {
    await page.route(
      isBundle,
      async (route) => {
        await upload(page, { projectId: id }, '7 of Loose.txt', 'somebody was faster');
        await route.continue();
      },
      { times: 1 },
    );
    await drop(page, put('Loose', 20));
    await expect(tray).toContainText('1 upload needs attention', patient);
    await tray.getByRole('button', { name: /^Keep both/ }).click();
    await expect(tray).toContainText('20 files uploaded', patient);
    const names = (await namesIn(null)).map(({ name }) => name);
    expect(names.filter((name) => name.includes('of Loose'))).toHaveLength(21);
    expect(names).toContain('7 of Loose (2).txt');
    await close();
  });

  await test.step('a bundle whose answer is lost is sent again, and stored once', async () => {
    await page.route(
      isBundle,
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      { times: 1 },
    );
    const sent = sending(page);
    await drop(page, put('Lost', 20));
    await expect(tray).toContainText('20 files uploaded', patient);
    expect(sent).toEqual({ bundles: 2, alone: 0 });
    expect((await namesIn(null)).filter(({ name }) => name.includes('of Lost'))).toHaveLength(20);
    await close();
  });

  await test.step('pausing one file lets the others go on, and all can be paused', async () => {
    let held = Promise.withResolvers<void>();
    await page.route(isBundle, async (route) => {
      await held.promise;
      // The page may have ended the request meanwhile.
      await route.continue().catch(() => undefined);
    });
    await drop(page, put('Paused', 20));
    await tray.getByRole('button', { name: 'Pause 3 of Paused.txt' }).click();
    await tray.getByRole('button', { name: 'Pause all' }).click();
    await expect(tray.getByRole('heading')).toContainText('Paused');
    held.resolve();
    await tray.getByRole('button', { name: 'Resume all' }).click();
    await expect(tray).toContainText('20 files uploaded', patient);
    await close();
    held = Promise.withResolvers();
    await drop(page, put('One paused', 20));
    await tray.getByRole('button', { name: 'Pause 3 of One paused.txt' }).click();
    held.resolve();
    await expect(tray.getByRole('button', { name: 'Resume 3 of One paused.txt' })).toBeVisible();
    await expect
      .poll(async () => (await namesIn(null)).filter(({ name }) => name.includes('of One')))
      .toHaveLength(19);
    await tray.getByRole('button', { name: 'Resume 3 of One paused.txt' }).click();
    await expect(tray).toContainText('20 files uploaded', patient);
    await page.unroute(isBundle);
    await close();
  });

  await test.step('after a reload the same folder sends only what is missing', async () => {
    put('Card 002', 300);
    let bundles = 0;
    await page.route(isBundle, (route) => (bundles++ === 0 ? route.continue() : undefined));
    await drop(page, [join(folder, 'Card 002')]);
    await expect(tray).toContainText('of 300');
    // Two bundles, of 256 and of 44 files: on a busy machine either may be the first.
    let arrived = 0;
    await expect
      .poll(async () => {
        const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));
        arrived = Number(/\\"arrived\\":(\d+)/.exec(stored)?.[1] ?? 0);
        return [256, 44].includes(arrived);
      }, patient)
      .toBe(true);
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.unroute(isBundle);
    await expect(tray).toContainText(`Card 002: ${arrived} of 300 arrived. Choose the folder again.`);
    await drop(page, [join(folder, 'Card 002')]);
    await expect(tray).toContainText(`${300 - arrived} uploaded, ${arrived} already there`, patient);
    await close();
  });

  await test.step('files go alone where a proxy refuses even small bundles', async () => {
    await page.route(isBundle, (route) => route.fulfill({ status: 413, body: '<html>' }));
    const sent = sending(page);
    await drop(page, put('Alone', 20));
    await expect(tray).toContainText('20 files uploaded', patient);
    expect(sent).toEqual({ bundles: 2, alone: 20 });
  });
  await page.context().close();
});
