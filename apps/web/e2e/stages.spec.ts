// A coordinator stops, retries and skips a stage of a file. Everybody sees the reason; others have no buttons for it.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { startHub } from './hub.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

test('a coordinator stops, retries and skips a stage', { tag: '@B5' }, async ({ browser, owner, signIn }) => {
  // The simulated encode of the subtitle takes hours.
  const hub = await startHub({
    TURNOVER_OWNER_EMAIL: owner.email,
    TURNOVER_OWNER_PASSWORD: owner.password,
    TURNOVER_SIMULATION_SPEED: '0.0001',
  });
  const context = await browser.newContext({ baseURL: hub.address });
  const desk = await context.newPage();
  await signIn(desk, owner);
  const projectId = (await callOf(desk, 'projects.create', { name: 'Long queue' })).id as string;
  const join = (name: string, role?: string) =>
    joinProject(browser, desk, projectId, name, `${name.slice(0, 3)}@stages.example`.toLowerCase(), role);
  const lead = await join('Lea Lead', 'coordinator');
  const pat = await join('Pia Partner');
  const { id: userId } = await askOf(pat.page, 'account.get');
  const asked = { projectId, name: 'Subtitles', assignees: [{ userId }] };
  const { id: requestId } = await callOf(lead.page, 'requests.create', asked);
  await upload(pat.page, { projectId, requestId }, 'cut.en.srt', '1\n00:00:01,000 --> 00:00:03,000\nHello\n');
  const mayNotSubmit = async () => (await askOf(pat.page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(mayNotSubmit).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId });

  const { page } = lead;
  const status = page.locator('header').first();
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await page.getByRole('grid').getByText('cut.en.srt').click();
  const panel = page.getByRole('complementary').filter({ hasText: 'cut.en.srt' });
  const controls = panel.getByRole('group', { name: 'Encode (simulated)' });
  const encode = (action: string) => controls.getByRole('button', { name: action });

  await test.step('stopping it ends the round with a failure', async () => {
    await encode('Stop').click();
    const question = page.getByRole('alertdialog').or(page.getByRole('dialog'));
    await question.getByRole('button', { name: 'Stop' }).click();
    await expect(panel.getByText('A coordinator stopped it.').first()).toBeVisible();
    await expect(status).toContainText('Processed');
  });

  await test.step('trying again puts the request back into processing', async () => {
    await encode('Try again').click();
    await expect(status).toContainText('Processing');
    await expect(encode('Stop')).toBeVisible();
    await expectAccessible(page, 'the stages of a file, with what a coordinator can do');
  });

  await test.step('skipping it needs a reason, which stays with the stage and in the history', async () => {
    await encode('Skip').click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Skip' })).toBeDisabled();
    await dialog.getByLabel('Reason').fill('No proxy needed <b>here</b>');
    await dialog.getByRole('button', { name: 'Skip' }).click();
    await expect(panel).toContainText('A coordinator skipped it: No proxy needed <b>here</b>');
    await expect(status).toContainText('Processed');
    await expect(page.locator('#history')).toContainText(
      'skipped “Encode (simulated)” of cut.en.srt: No proxy needed',
    );
  });

  await test.step('the partner reads the reason and has no buttons', async () => {
    await pat.page.goto(`/p/${projectId}/deliveries/${requestId}`);
    await pat.page.getByRole('grid').getByText('cut.en.srt').click();
    const shown = pat.page.getByRole('complementary').filter({ hasText: 'cut.en.srt' });
    await expect(shown).toContainText('A coordinator skipped it');
    await expect(shown.getByRole('group', { name: /Encode/ })).toHaveCount(0);
  });

  for (const each of [lead.page, pat.page, desk]) await each.context().close();
  await hub.close();
});
