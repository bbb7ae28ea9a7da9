// A coordinator stops, retries and skips a stage of a file. Everybody sees the reason; other people have no buttons for
// it.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

test(
  'a coordinator stops, retries and skips a stage',
  { tag: '@B5' },
  async ({ browser, owner, signIn, startOwnHub }) => {
    // At this speed, the simulated encode of the subtitle takes hours.
    const hub = await startOwnHub({ TURNOVER_SIMULATION_SPEED: '0.0001' });
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
    await upload(
      pat.page,
      { projectId, requestId },
      'cut.en.srt',
      '1\n00:00:01,000 --> 00:00:03,000\nHello\n',
    );
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

    await test.step('what was skipped by a person can be tried again', async () => {
      await encode('Try again').click();
      await expect(status).toContainText('Processing');
    });

    const frames = await callOf(page, 'requests.create', {
      projectId,
      name: 'Frames',
      assignees: [{ userId }],
    });
    for (const number of [1001, 1002, 1003])
      await upload(
        pat.page,
        { projectId, requestId: frames.id },
        `shot.${number}.dpx`,
        `no picture ${number}`,
      );
    const state = async () => (await askOf(page, 'requests.get', { requestId: frames.id })).possible.submit;
    await expect.poll(state).toBeNull();
    await callOf(page, 'requests.submit', { requestId: frames.id });
    await page.goto(`/p/${projectId}/deliveries/${frames.id}`);
    const stages = page.getByRole('dialog', { name: 'Stages of 3 files' });

    await test.step('a stage of a whole sequence is skipped', async () => {
      await expect(status).toContainText('Processing');
      await page.getByRole('button', { name: /^Actions for shot/ }).click();
      await page.getByRole('menuitem', { name: 'Stages: try again or skip' }).click();
      await expect(stages.getByLabel('What to do')).toContainText('Skip “Encode (simulated)” of 3 files');
      await stages.getByLabel('What to do').selectOption('encode');
      await expect(stages.getByRole('button', { name: 'Skip' })).toBeDisabled();
      await stages.getByLabel('Reason').fill('No proxies of frames');
      await expectAccessible(page, 'the stages of several files');
      await stages.getByRole('button', { name: 'Skip' }).click();
      await expect(status).toContainText('Processed');
      await expect(page.locator('#history')).toContainText(
        'skipped “Encode (simulated)” of shot.1001.dpx, shot.1002.dpx, shot.1003.dpx: No proxies of frames',
      );
    });

    await test.step('and tried again for a selection', async () => {
      await page.getByRole('checkbox', { name: /shot/ }).check();
      await page.getByRole('button', { name: 'Stages: try again or skip' }).click();
      await expect(stages).toContainText('Encode (simulated): 3');
      await stages.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByText('3 files are queued again.')).toBeVisible();
      await expect(status).toContainText('Processing');
    });

    await test.step('a partner has no such button', async () => {
      await pat.page.goto(`/p/${projectId}/deliveries/${frames.id}`);
      await expect(pat.page.getByRole('grid')).toContainText('shot');
      await expect(pat.page.getByRole('button', { name: 'Stages: try again or skip' })).toHaveCount(0);
    });

    for (const each of [lead.page, pat.page, desk]) await each.context().close();
  },
);
