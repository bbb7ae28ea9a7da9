// Storage limits: an owner limits the project, a coordinator the Workspaces, and an upload that does not fit is refused
// at its start.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, joinProject, ownProject, upload } from './people.ts';

test(
  'a full Workspace is shown in advance and refuses the next upload; a higher limit accepts it',
  { tag: '@C6' },
  async ({ browser, hub, owner, signIn, expectFaults }) => {
    expectFaults(/^507 POST \/api\/trpc\/uploads\.begin$/);
    const { ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Narrow Light');
    const lead = await joinProject(
      browser,
      ownerPage,
      projectId,
      'Lou Lead',
      'lou@narrow.example',
      'coordinator',
    );
    const { page } = await joinProject(browser, ownerPage, projectId, 'Nia Narrow', 'nia@narrow.example');
    await upload(page, { projectId }, 'mix.wav', Buffer.alloc(900_000));

    await ownerPage.goto(`/p/${projectId}/people`);
    await expect(ownerPage.getByText('The project holds 900 kB and has no limit.')).toBeVisible();
    await ownerPage.getByRole('button', { name: 'Limit the project' }).click();
    const project = ownerPage.getByRole('dialog', { name: 'Space of the project' });
    await project.getByLabel(/^At most/).fill('a lot');
    await project.getByRole('button', { name: 'Save' }).click();
    await expect(project.getByText('Type gigabytes')).toBeVisible();
    await project.getByLabel(/^At most/).fill('0.01');
    await expectAccessible(ownerPage, 'limiting a project');
    await project.getByRole('button', { name: 'Save' }).click();
    await expect(ownerPage.getByText('The project holds 900 kB of at most 10.0 MB.')).toBeVisible();

    await lead.page.goto(`/p/${projectId}/people`);
    await expect(lead.page.getByText('of at most 10.0 MB')).toBeVisible();
    await expect(lead.page.getByRole('button', { name: 'Limit the project' })).toBeHidden();
    await lead.page.getByRole('button', { name: 'Limit Workspaces' }).click();
    const all = lead.page.getByRole('dialog', { name: 'Space of each Workspace' });
    await all.getByLabel(/^At most/).fill('0.001');
    await all.getByRole('button', { name: 'Save' }).click();
    const row = lead.page.getByRole('row').filter({ hasText: 'Nia Narrow' });
    await expect(row).toContainText('900 kB of 1.0 MB');
    await expectAccessible(lead.page, 'the space of a project');

    await page.goto(`/p/${projectId}/workspace`);
    await expect(page.getByText('Your Workspace holds 900 kB of at most 1.0 MB.')).toBeVisible();
    await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
    await expect(page.getByText('100 kB can be uploaded now: the Workspace may hold 1.0 MB.')).toBeVisible();
    await expectAccessible(page, 'a nearly full Workspace');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (
      await chooser
    ).setFiles({ name: 'stems.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(200_000) });
    const tray = page.getByRole('region', { name: 'Uploads' });
    await expect(
      tray.getByText(/Not enough space in your Workspace: it needs 200 kB, and 100 kB is left/),
    ).toBeVisible();

    await lead.page.getByRole('button', { name: 'Limit the Workspace of Nia Narrow' }).click();
    const one = lead.page.getByRole('dialog', { name: 'Workspace of Nia Narrow' });
    await one.getByLabel(/^At most/).fill('0.002');
    await one.getByRole('button', { name: 'Save' }).click();
    await expect(row).toContainText('900 kB of 2.0 MB');
    await tray.getByRole('button', { name: 'Try stems.wav again' }).click();
    await expect
      .poll(async () => (await askOf(page, 'uploads.space', { projectId })).heldByWorkspace.leftBytes)
      .toBe(900_000);
    for (const each of [ownerPage, lead.page, page]) await each.context().close();
  },
);
