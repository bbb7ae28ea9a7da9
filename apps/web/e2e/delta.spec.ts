// A redelivery sends only what changed: the dialog compares the chosen files with earlier rounds before the first byte.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
let ownerPage: Page;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Delta'));
  lead = await joinProject(browser, ownerPage, projectId, 'Dora Lead', 'dora@delta.example', 'coordinator');
  pat = await joinProject(browser, ownerPage, projectId, 'Pia Partner', 'pia@delta.example');
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name: 'Stems, reel 4', assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
});
test.afterAll(async () => {
  for (const page of [lead?.page, pat?.page, ownerPage]) await page?.context().close();
});

const state = () => askOf(pat.page, 'requests.get', { requestId });
const filesIn = async () =>
  (await askOf(pat.page, 'requestFiles.list', { requestId })).files.map(({ name }: { name: string }) => name);

test(
  'sends only what changed, and points out files that were sent back before',
  { tag: ['@B28'] },
  async () => {
    for (const name of ['dialogue.wav', 'effects.wav', 'music.wav']) {
      await upload(pat.page, { projectId, requestId }, name, `the ${name}, as it was`);
    }
    await expect.poll(async () => (await state()).possible.submit, { timeout: 30_000 }).toBeNull();
    await callOf(pat.page, 'requests.submit', { requestId });
    await expect.poll(async () => (await state()).status, { timeout: 60_000 }).toBe('processed');
    const { files } = await askOf(lead.page, 'requestFiles.list', {
      requestId,
    });
    const { id: fileId } = files.find(({ name }: { name: string }) => name === 'music.wav');
    await callOf(lead.page, 'requests.askForRedelivery', {
      requestId,
      reasons: [],
      comment: 'Send everything again, please.',
      clearExisting: true,
      pins: [{ reason: 'wrong_version', fileId, note: 'An old mix' }],
    });

    const { page } = pat;
    await page.goto(`/p/${projectId}/deliveries/${requestId}`);
    await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    const chosen = (name: string, text: string) => ({
      name,
      mimeType: 'audio/wav',
      buffer: Buffer.from(text),
    });
    await (
      await chooser
    ).setFiles([
      chosen('dialogue.wav', 'the dialogue.wav, as it was'),
      chosen('effects.wav', 'the effects.wav, as it IS!'),
      chosen('music.wav', 'the music.wav, as it was'),
    ]);
    const dialog = page.getByRole('dialog', { name: 'Check before upload' });
    const same = dialog.getByRole('region', {
      name: '2 files have the same bytes as before',
    });
    await expect(same.getByRole('listitem')).toHaveCount(2);
    const music = same.getByRole('listitem').filter({ hasText: 'music.wav' });
    await expect(music).toContainText('Exactly these bytes were sent back: Wrong version');
    await expect(same.getByRole('listitem').filter({ hasText: 'dialogue.wav' })).toContainText(
      'As in round 1. It is taken over from there and not sent.',
    );
    await music.getByRole('button', { name: 'Deliver anyway' }).click();
    await music.getByRole('button', { name: 'Leave out' }).click();
    await expectAccessible(page, 'files that are the same as before');
    await dialog.getByRole('button', { name: 'Upload 1 file' }).click();
    await expect.poll(filesIn).toEqual(['dialogue.wav', 'effects.wav']);
  },
);

test('a round that changes nothing is refused with a reason', { tag: ['@B28'] }, async () => {
  const name = 'Print master, reel 4';
  const { id: userId } = await askOf(pat.page, 'account.get');
  const { id } = await callOf(lead.page, 'requests.create', {
    projectId,
    name,
    assignees: [{ userId }],
  });
  await upload(pat.page, { projectId, requestId: id }, 'master.wav', 'master');
  const now = () => askOf(pat.page, 'requests.get', { requestId: id });
  await expect.poll(async () => (await now()).possible.submit, { timeout: 30_000 }).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId: id });
  await expect.poll(async () => (await now()).status, { timeout: 60_000 }).toBe('processed');
  await callOf(lead.page, 'requests.askForRedelivery', {
    requestId: id,
    reasons: ['audio_spec'],
  });
  await expect(callOf(pat.page, 'requests.submit', { requestId: id })).rejects.toThrow(
    'No file has changed since round 1.',
  );
});
