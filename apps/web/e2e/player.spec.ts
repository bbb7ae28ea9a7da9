// The player: sound with its waveform, an image and subtitles.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';
import { waveOf } from './wave.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let friend: Colleague;
let ownerPage: Page;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Played'));
  lead = await joinProject(browser, ownerPage, projectId, 'Lena Lead', 'lena@player.example', 'coordinator');
  friend = await joinProject(browser, ownerPage, projectId, 'Fred Friend', 'fred@player.example', 'partner');
  const { id: userId } = await askOf(lead.page, 'account.get');
  const request = {
    projectId,
    name: 'Material to play',
    assignees: [{ userId }],
  };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
});
test.afterAll(async () => {
  for (const page of [lead?.page, friend?.page, ownerPage]) await page?.context().close();
});

/**
 * Ten seconds of stereo sound. The right channel is silent; the left channel has a tone with six seconds of silence,
 * which processing reports.
 */
function sound(): Buffer {
  return waveOf(2, 480_000, (channel, frame) => {
    const isSilent = channel === 1 || (frame > 144_000 && frame < 432_000);
    return isSilent ? 0 : 20_000 * Math.sin(frame / 12);
  });
}

/** A PNG image of one grey pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

async function open(page: Page, name: string) {
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await page.getByRole('grid').getByText(name).click();
  await page.getByRole('link', { name: 'Open in the player' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

// The later tests use the files that the first one delivers, so a retry must begin with the first test.
test.describe.configure({ mode: 'serial' });

test('plays delivered files and shows the problems that were found', { tag: ['@C9', '@B6'] }, async () => {
  const { page } = lead;
  await upload(page, { projectId, requestId }, 'mix.wav', sound());
  await upload(page, { projectId, requestId }, 'key art.png', png);
  await upload(
    page,
    { projectId, requestId },
    'film.en.srt',
    '1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n',
  );
  const mayNotSubmit = async () => (await askOf(page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(mayNotSubmit).toBeNull();
  await callOf(page, 'requests.submit', { requestId });
  const status = async () => (await askOf(page, 'requests.get', { requestId })).status;
  await expect.poll(status, { timeout: 30_000 }).toBe('processed');

  await test.step('sound has its waveform, and moments that lead to their place', async () => {
    await open(page, 'mix.wav');
    const position = page.getByRole('slider', { name: 'Position' });
    await expect(position).toHaveAttribute('aria-valuemax', '10');
    await expect(page.locator('canvas')).toBeVisible();
    const moments = page.getByRole('region', { name: 'Moments' });
    await moments.getByRole('button', { name: /silen/i }).click();
    await expect(position).toHaveAttribute('aria-valuetext', '00:00:03.000');
    await position.press('ArrowRight');
    await expect(position).toHaveAttribute('aria-valuetext', '00:00:03.100');
    await position.press('Home');
    await expect(position).toHaveAttribute('aria-valuenow', '0');
    await position.press('l');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await position.press('k');
    await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    await expectAccessible(page, 'the player of sound');
  });

  await test.step('a finding is pinned on the moment, and the redelivery dialog has it', async () => {
    await page.getByRole('slider', { name: 'Position' }).press(']');
    await page.getByRole('slider', { name: 'Position' }).press('p');
    const form = page.getByRole('group', { name: 'New finding' });
    await expect(form.getByLabel('From')).toHaveValue('00:00:03.000');
    await form.getByLabel('Reason').selectOption({ label: 'Audio spec mismatch' });
    await form.getByRole('button', { name: 'Add finding' }).click();
    await expect(page.getByRole('region', { name: 'Moments' })).toContainText('Not sent yet');
    await expectAccessible(page, 'the player with a pinned finding');
    // The pinned finding is still there in another tab, as after a reload.
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect(other.getByRole('region', { name: 'Moments' })).toContainText('Not sent yet');
    await other.close();
    await page.getByRole('link', { name: 'Ask for redelivery…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
    await expect(dialog.getByRole('listitem').filter({ hasText: 'mix.wav' })).toContainText('00:00:03.000');
  });

  await test.step('the list of files has thumbnails', async () => {
    await page.goto(`/p/${projectId}/deliveries/${requestId}`);
    const thumbnail = page.getByRole('row', { name: /key art.png/ }).locator('img');
    await expect.poll(() => thumbnail.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(1);
    await expectAccessible(page, 'a list with thumbnails');
  });

  await test.step('an image is shown, and subtitles are listed with their times', async () => {
    await open(page, 'key art.png');
    const image = page.getByRole('img', { name: 'key art.png' });
    await expect.poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(1);
    await open(page, 'film.en.srt');
    await expect(
      page.getByRole('row', {
        name: '00:00:01.000 00:00:02.500 Good evening.',
      }),
    ).toBeVisible();
    await expectAccessible(page, 'the player of subtitles');
  });
});

test(
  'a file of a Workspace can be played by its owner and by its recipients',
  { tag: ['@C9', '@A3'] },
  async () => {
    const { page } = lead;
    const workspace = `/p/${projectId}/workspace`;
    await upload(page, { projectId }, 'lobby card.png', png);
    await upload(page, { projectId }, 'scratch.wav', sound());
    const list = async () => (await askOf(page, 'workspace.list', { projectId })).entries;
    const entryOf = async (name: string) =>
      (await list()).find((each: { name: string }) => each.name === name)!;

    await test.step('a picture has its thumbnail soon after it has landed', async () => {
      await expect
        .poll(async () => (await entryOf('lobby card.png')).previews, { timeout: 30_000 })
        .toContain('thumbnail');
      await page.goto(workspace);
      const thumbnail = page.getByRole('row', { name: /lobby card/ }).locator('img');
      await expect.poll(() => thumbnail.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(1);
      await expectAccessible(page, 'a Workspace with thumbnails');
    });

    await test.step('sound gets its waveform when somebody opens it', async () => {
      expect((await entryOf('scratch.wav')).previews).toEqual([]);
      await page.getByRole('grid').getByText('scratch.wav').click();
      await page.keyboard.press('i');
      await page.getByRole('link', { name: 'Open in the player' }).click();
      await expect(page.getByRole('slider', { name: 'Position' })).toHaveAttribute('aria-valuemax', '10');
      await expect(page.locator('canvas')).toBeVisible({ timeout: 30_000 });
      await expect(page.getByText('A preview is no check')).toBeVisible();
      await page.getByRole('slider', { name: 'Position' }).press('ArrowRight');
      await expect(page.getByRole('slider', { name: 'Position' })).toHaveAttribute('aria-valuenow', '0.1');
      await expectAccessible(page, 'the player of a Workspace file');
    });

    await test.step('a sharee plays it too, until the share is revoked', async () => {
      const { id: entryId } = await entryOf('scratch.wav');
      await callOf(page, 'shares.create', { projectId, entryIds: [entryId], people: [friend.email] });
      await friend.page.goto(`${workspace}?shared`);
      await expect(friend.page.getByRole('grid').getByText('scratch.wav')).toBeVisible();
      await friend.page.goto(`${workspace}/files/${entryId}`);
      await expect(friend.page.locator('canvas')).toBeVisible();
      await friend.page.goto('/');
      const { shares } = await askOf(page, 'shares.list', { entryId });
      await callOf(page, 'shares.revoke', { shareId: shares[0].id });
      const player = `${workspace}/files/${entryId}`;
      expect((await friend.page.request.get(player)).status()).toBe(404);
      expect((await friend.page.request.get(`/files/${entryId}?preview=peaks`)).status()).toBe(404);
    });
  },
);

test('plays two files together', { tag: '@C9' }, async () => {
  const { page } = lead;
  const { files } = await askOf(page, 'requestFiles.list', { requestId });
  const idOf = (name: string) => files.find((each: { name: string }) => each.name === name).id as string;
  const mix = idOf('mix.wav');
  await page.goto(`/p/${projectId}/deliveries/${requestId}/files/${mix}/beside/${mix}`);
  const position = page.getByRole('slider', { name: 'Position' });
  await expect(position).toHaveAttribute('aria-valuemax', '10');
  await position.press('ArrowRight');
  await position.press('ArrowRight');
  const times = page.locator('figcaption .time');
  await expect(times).toHaveText(['00:00:00.200', '00:00:00.200']);
  const muted = () =>
    page.locator('audio').evaluateAll((all) => all.map((each) => (each as HTMLMediaElement).muted));
  expect(await muted()).toEqual([false, true]);
  await position.press('x');
  await expect.poll(muted).toEqual([true, false]);
  await position.press('k');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await position.press('k');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect.poll(async () => new Set(await times.allTextContents()).size).toBe(1);
  await expectAccessible(page, 'two files side by side');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('radio', { name: 'One at a time' }).click();
  await expect(page.locator('figure[aria-hidden]')).toHaveCount(1);
  await expectAccessible(page, 'two files in turn on a phone');
  await page.setViewportSize({ width: 1280, height: 800 });
});
