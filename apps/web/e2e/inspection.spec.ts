// The problems that processing finds in delivered media appear in the list, the panel, the request, the redelivery
// dialog and the QC report.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';
import { waveOf } from './wave.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
let ownerPage: Page;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Inspected'));
  lead = await joinProject(browser, ownerPage, projectId, 'Ines Lead', 'ines@media.example', 'coordinator');
  pat = await joinProject(browser, ownerPage, projectId, 'Pau Partner', 'pau@media.example');
  const { id: userId } = await askOf(pat.page, 'account.get');
  const rules = {
    mediaKinds: ['audio', 'picture'],
    media: { sampleRates: ['96 kHz'], channelLayouts: ['mono'] },
  };
  const type = await callOf(lead.page, 'requestTypes.create', { projectId, name: 'Mono at 96 kHz', rules });
  const request = { projectId, name: 'Mix to look into', typeId: type.id, assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
});
test.afterAll(async () => {
  for (const page of [lead?.page, pat?.page, ownerPage]) await page?.context().close();
});

/** One second of a mono tone. */
const tone = waveOf(1, 48_000, (_, frame) => 8000 * Math.sin(frame / 8));

test('the results of inspection reach the coordinator and the redelivery', { tag: ['@B6'] }, async () => {
  await upload(pat.page, { projectId, requestId }, 'whole.wav', tone);
  await upload(pat.page, { projectId, requestId }, 'cut off.wav', tone.subarray(0, 20_000));
  await upload(pat.page, { projectId, requestId }, 'movie.mov', 'ffconcat version 1.0');
  const mayNotSubmit = async () => (await askOf(pat.page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(mayNotSubmit).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId });
  const { page } = lead;
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await expect(page.getByText('3 files have problems.')).toBeVisible();
  const box = page.getByRole('region', { name: 'What processing found' });
  await expect(box).toContainText('The content is text, not QuickTime as the name says.');
  await expect(box).toContainText('The file ends too early: it has 20 kB, and should have 96 kB.');
  await expect(box).toContainText('The sample rate is 48 kHz. The type asks for 96 kHz.');

  await test.step('the panel has the facts of the tracks and the measured loudness', async () => {
    await page.getByRole('grid').getByText('whole.wav').click();
    const panel = page.getByRole('complementary').filter({ hasText: 'whole.wav' });
    await expect(panel.getByText('PCM · 1 channel · 48 kHz · 16 bit')).toBeVisible();
    await expect(panel.getByText('Integrated loudness')).toBeVisible();
    await expect(panel.getByText('Read by Turnover')).toBeVisible();
    // A long panel scrolls, and does not squeeze what is in it.
    const link = await panel.getByRole('link', { name: /player/i }).boundingBox();
    expect(link?.height).toBeGreaterThan(30);
    await expect(panel.getByRole('region', { name: 'Problems found' })).toContainText('48 kHz');
    await expectAccessible(page, 'the panel of an inspected file');
    await page.keyboard.press('Escape');
  });

  await test.step('the redelivery dialog has its reasons chosen, and offers a finding for each error', async () => {
    await page.getByRole('button', { name: 'More actions for this request' }).click();
    await page.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
    await expect(dialog.getByRole('checkbox', { name: /Wrong file/ })).toBeChecked();
    await expect(dialog.getByRole('checkbox', { name: /Audio spec mismatch/ })).toBeChecked();
    await dialog.getByRole('button', { name: /^Add \d+ findings from processing/ }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: 'movie.mov' })).toContainText('QuickTime');
    await expectAccessible(page, 'the redelivery dialog with findings from processing');
    await dialog.getByRole('button', { name: 'Ask for redelivery' }).click();
    await expect(dialog).toBeHidden();
  });

  await test.step('the QC report of the round has stages, problems with their codes, and findings', async () => {
    await page.goto(`/p/${projectId}/deliveries/${requestId}/rounds/1`);
    await page.getByRole('link', { name: 'QC report: To print' }).click();
    const report = page.getByRole('main');
    await expect(report.getByRole('heading', { name: 'QC report: Mix to look into, Round 1' })).toBeVisible();
    await expect(report.getByRole('row', { name: /^Encode \(simulated\)/ })).toBeVisible();
    await expect(report.getByRole('row', { name: /cut|too early/ })).toContainText('AUDIO / CORRUPT');
    await expect(report).toContainText('Files with problems (3)');
    await expectAccessible(page, 'the QC report of a round');
    const csv = await page.request.get(`/rounds/${requestId}/1/qc-report.csv`);
    expect(await csv.text()).toContain('"cut off.wav","","inspect","","","truncated","error"');
    expect((await pat.page.request.get(`/rounds/${requestId}/1/qc-report.json`)).status()).toBe(200);
  });

  await test.step('the receipt says in words what was found', async () => {
    await page.goto(`/p/${projectId}/deliveries/${requestId}/rounds/1/receipt`);
    const row = page.getByRole('row', { name: /cut off\.wav/ });
    await expect(row.getByRole('listitem').first()).toContainText(/too early|cut/);
    await expectAccessible(page, 'the receipt of a round with problems');
  });
});
