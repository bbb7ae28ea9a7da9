// An upload shows its forecast end at the current speed, and warns when that is too late.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drop } from './dropping.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject } from './people.ts';

test(
  'an upload that would end after the due date says so',
  { tag: '@B23' },
  async ({ browser, page: desk, owner, signIn }) => {
    await signIn(desk, owner);
    const projectId = (await callOf(desk, 'projects.create', { name: 'Slow Light' })).id as string;
    const join = (name: string, role?: string) =>
      joinProject(browser, desk, projectId, name, `${name.slice(0, 3)}@slow.example`.toLowerCase(), role);
    const lead = await join('Sia Lead', 'coordinator');
    const { page } = await join('Sol Partner');
    const { id: userId } = await askOf(page, 'account.get');
    const request = { projectId, name: 'Trailer', dueAt: Date.now() + 60_000, assignees: [{ userId }] };
    const { id } = await callOf(lead.page, 'requests.create', request);
    await page.goto(`/p/${projectId}/deliveries/${id}`);
    await expect(page.locator('header').first()).toContainText('Estimated ready (if submitted now)');

    const path = test.info().outputPath('trailer.mov');
    writeFileSync(path, Buffer.alloc(40 * 1024 * 1024, 'x'));
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 200_000,
    });
    await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(path);
    const forecast = page.getByText(/At this speed the upload ends/);
    await expect(forecast).toContainText(/It is due/, { timeout: 60_000 });
    // The coordinator sees the progress of the upload.
    await lead.page.goto(`/p/${projectId}/deliveries/${id}`);
    await expect(lead.page.getByText('Sol Partner is uploading')).toBeVisible();

    const tray = page.getByRole('region', { name: 'Uploads' });
    await tray
      .getByRole('button', { name: /^Discard/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await expect(forecast).toBeHidden();
    for (const each of [lead.page, page]) await each.context().close();
  },
);

test(
  'many small files have a forecast too, and the tray says which rate a setting allows, and that the hub is saving',
  { tag: ['@B23', '@C4'] },
  async ({ browser, owner, signIn, startOwnHub }) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnover-forecast-'));
    const hub = await startOwnHub({ TURNOVER_PERSON_UPLOAD_RATE: '250kB' });
    try {
      const { ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Narrow Line');
      const { page } = await joinProject(browser, ownerPage, projectId, 'Nia Partner', 'nia@narrow.example');
      const { id: userId } = await askOf(page, 'account.get');
      const lead = await joinProject(
        browser,
        ownerPage,
        projectId,
        'Lea Lead',
        'lea@narrow.example',
        'coordinator',
      );
      const request = { projectId, name: 'Cards', dueAt: null, assignees: [{ userId }] };
      const { id } = await callOf(lead.page, 'requests.create', request);
      const paths = Array.from({ length: 20 }, (_, index) => {
        const path = join(folder, `${index} of the card.txt`);
        writeFileSync(path, Buffer.alloc(100_000, 'x'));
        return path;
      });
      await page.goto(`/p/${projectId}/deliveries/${id}`);
      await drop(page, paths);
      const tray = page.getByRole('region', { name: 'Uploads' });
      await expect(tray.getByText('Limited to 250 kB/s')).toBeVisible();
      await expect(page.getByText(/At this speed the upload ends/)).toBeVisible();
      await expect(tray.getByText('Saving…').first()).toBeVisible({ timeout: 60_000 });
      await expect(tray).toContainText('20 files uploaded', { timeout: 90_000 });
      await expect(tray.getByText('Limited to 250 kB/s')).toBeHidden();
      for (const each of [ownerPage, page, lead.page]) await each.context().close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
