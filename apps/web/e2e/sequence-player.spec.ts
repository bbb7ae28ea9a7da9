// An image sequence as one item of the player: in a Workspace, for a sharee, and in a request with a finding on a frame.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { dpxOf } from './dpx.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';

let projectId: string;
let lead: Colleague;
let friend: Colleague;
let ownerPage: Page;
const numbers = [1001, 1002, 1003, 1005];

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Frames'));
  lead = await joinProject(browser, ownerPage, projectId, 'Lia Lead', 'lia@frames.example', 'coordinator');
  friend = await joinProject(browser, ownerPage, projectId, 'Fay Friend', 'fay@frames.example', 'partner');
});
test.afterAll(async () => {
  for (const page of [lead?.page, friend?.page, ownerPage]) await page?.context().close();
});

async function deliverFrames(page: Page, place: { projectId: string; requestId?: string }) {
  for (const [at, number] of numbers.entries())
    await upload(page, place, `shot.${number}.dpx`, dpxOf(at, 200 * (at + 1)));
}

/** The grey in the middle of the screen; null: the screen is empty. */
const greyOf = (page: Page) =>
  page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas;
    const [red, , , alpha] = canvas.getContext('2d')!.getImageData(width / 2, height / 2, 1, 1).data;
    return alpha === 0 ? null : red!;
  });

const positionOf = (page: Page) => page.getByRole('slider', { name: 'Position' });

test(
  'a sequence of a Workspace is played frame by frame, by its owner and whom it is shared with',
  { tag: ['@C9', '@A3'] },
  async () => {
    const { page } = lead;
    await deliverFrames(page, { projectId });
    const { entries } = await askOf(page, 'workspace.list', { projectId });
    const [sequence] = entries;
    expect(sequence).toMatchObject({ kind: 'sequence', name: 'shot.####.dpx' });
    await page.goto(`/p/${projectId}/workspace`);
    await page
      .getByRole('row', { name: /shot/ })
      .getByRole('button', { name: /^Actions/ })
      .click();
    await page.getByRole('menuitem', { name: 'Open in the player' }).click();
    await expect(page.getByRole('heading', { name: 'shot.[1001-1005].dpx', level: 1 })).toBeVisible();
    const position = positionOf(page);

    await test.step('previews are made while it is looked at, and its headers give rate and timecode', async () => {
      await expect.poll(() => greyOf(page), { timeout: 60_000 }).toBeGreaterThan(0);
      await expect(position).toHaveAttribute('aria-valuetext', '10:00:00:00');
      await expect(page.getByText('As the frames state')).toBeVisible();
      await expect(page.getByText('frame 1001 of 1005')).toBeVisible();
      await expect(page.getByText('judge pictures on the original')).toBeVisible();
    });

    await test.step('keys step through the frames, and the missing one is a gap', async () => {
      const first = (await greyOf(page))!;
      await position.press('ArrowRight');
      await expect(position).toHaveAttribute('aria-valuetext', '10:00:00:01');
      await expect.poll(() => greyOf(page), { timeout: 60_000 }).toBeGreaterThan(first);
      await position.press('ArrowRight');
      await position.press('ArrowRight');
      await expect(page.getByText('Frame 1004 is missing')).toBeVisible();
      expect(await greyOf(page)).toBeNull();
      await expectAccessible(page, 'the player of a sequence, at a gap');
      await position.press('End');
      await expect(page.getByRole('img', { name: 'shot.1005.dpx' })).toBeVisible();
      await expect.poll(() => greyOf(page), { timeout: 60_000 }).toBeGreaterThan(first);
      await position.press('Home');
      await position.press('l');
      await expect(page.getByText('frame 1005 of 1005')).toBeVisible({ timeout: 60_000 });
      await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    });

    await test.step('the address names the frame, and opens the player there', async () => {
      await position.press('ArrowLeft');
      await position.press('ArrowLeft');
      await expect(page).toHaveURL(/\?frame=1003$/);
      await page.reload();
      await expect(page.getByText('frame 1003 of 1005')).toBeVisible();
    });

    await test.step('a single frame leads to the whole', async () => {
      await position.press('Home');
      await position.press('ArrowRight');
      await page.getByRole('link', { name: 'shot.1002.dpx' }).click();
      await page.getByRole('link', { name: 'Play the sequence' }).click();
      await expect(page.getByText('frame 1002 of 1005')).toBeVisible();
    });

    await test.step('a sharee plays it, until the share is revoked', async () => {
      await callOf(page, 'shares.create', { projectId, entryIds: [sequence.id], people: [friend.email] });
      const player = `/p/${projectId}/workspace/sequences/${sequence.id}`;
      await friend.page.goto(player);
      await expect.poll(() => greyOf(friend.page), { timeout: 60_000 }).toBeGreaterThan(0);
      await friend.page.goto('/');
      const { shares } = await askOf(page, 'shares.list', { entryId: sequence.id });
      await callOf(page, 'shares.revoke', { shareId: shares[0].id });
      expect((await friend.page.request.get(player)).status()).toBe(404);
    });
  },
);

test('a finding is pinned on a frame of a delivered sequence', { tag: ['@C9', '@B6'] }, async () => {
  const { page } = lead;
  const { id: userId } = await askOf(page, 'account.get');
  const wanted = { projectId, name: 'Shots', assignees: [{ userId }] };
  const requestId = (await callOf(page, 'requests.create', wanted)).id as string;
  await deliverFrames(page, { projectId, requestId });
  const asked = async () => await askOf(page, 'requests.get', { requestId });
  await expect.poll(async () => (await asked()).possible.submit).toBeNull();
  await callOf(page, 'requests.submit', { requestId });
  await expect.poll(async () => (await asked()).status, { timeout: 60_000 }).toBe('processed');
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await page
    .getByRole('row', { name: /shot/ })
    .getByRole('button', { name: /^Actions/ })
    .click();
  await page.getByRole('menuitem', { name: 'Open in the player' }).click();
  const position = positionOf(page);
  await expect(position).toHaveAttribute('aria-valuetext', '10:00:00:00');
  await position.press('ArrowRight');
  await test.step('what happens in the request moves nothing', async () => {
    const reloaded = page.waitForResponse(/requestFiles\.frames/);
    const { revision } = await asked();
    await callOf(page, 'requests.update', { requestId, revision, name: 'Shots of the day' });
    await reloaded;
    await expect(page.getByRole('link', { name: 'Shots of the day' })).toBeVisible();
    await expect(page.getByText('frame 1002 of 1005')).toBeVisible();
  });
  await expect(page.getByRole('heading', { name: 'Moments', exact: true })).toBeVisible();
  await test.step('nothing is pinned on a missing frame, unless the mark stands on another', async () => {
    const pin = page.getByRole('button', { name: 'Pin a finding' });
    await expect(pin).toBeEnabled();
    await position.press('ArrowRight');
    await position.press('ArrowRight');
    await expect(pin).toBeDisabled();
    await position.press('p');
    await expect(
      page.getByRole('region', { name: 'Notifications' }).getByText('this frame is missing'),
    ).toBeVisible();
    await position.press('ArrowLeft');
    await position.press('ArrowLeft');
    await position.press('i');
    await position.press('ArrowRight');
    await position.press('ArrowRight');
    await expect(pin).toBeEnabled();
  });
  await position.press('p');
  const form = page.getByRole('group', { name: 'New finding' });
  await expect(form.getByLabel('From')).toHaveValue('10:00:00:01');
  await expect(form.getByLabel('File')).toHaveValue('shot.1002.dpx');
  await form.getByLabel('Reason').selectOption({ index: 1 });
  await form.getByRole('button', { name: 'Add finding' }).click();
  const moments = page.getByRole('region', { name: 'Moments' });
  await expect(moments).toContainText('Frame 1002');
  await position.press('End');
  await moments.getByRole('button', { name: /Frame 1002/ }).click();
  await expect(page.getByText('frame 1002 of 1005')).toBeVisible();
  await expectAccessible(page, 'the player of a delivered sequence');
  await page.getByRole('link', { name: 'Ask for redelivery…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
  await expect(dialog.getByRole('listitem').filter({ hasText: 'shot.1002.dpx' })).toContainText(
    '10:00:00:01',
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await test.step('the page of a round leads to its sequence, and a single frame to the whole', async () => {
    await page.goto(`/p/${projectId}/deliveries/${requestId}/rounds/1`);
    await page.getByRole('row', { name: /shot/ }).getByRole('button').click();
    await page.getByRole('link', { name: 'Play the sequence' }).click();
    await expect(page).toHaveURL(/\?round=1$/);
    await expect(page.getByText('frame 1001 of 1005')).toBeVisible();
    expect((await page.request.get(`${page.url()}.5`)).status()).toBe(404);
    await position.press('ArrowRight');
    await page.getByRole('link', { name: 'shot.1002.dpx' }).click();
    await expect(page.getByRole('region', { name: 'Moments' })).toContainText('Not sent yet');
    await page.getByRole('link', { name: 'Play the sequence' }).click();
    await expect(page.getByText('frame 1002 of 1005')).toBeVisible();
    await position.press('End');
    await expect(page).toHaveURL(/frame=1005/);
    await page.reload();
    await expect(page.getByText('frame 1005 of 1005')).toBeVisible();
  });

  await test.step('two rounds of it are shown side by side, frame by frame', async () => {
    const redelivery = { requestId, reasons: ['wrong_version'], comment: '', clearExisting: false, pins: [] };
    await callOf(page, 'requests.askForRedelivery', redelivery);
    await upload(page, { projectId, requestId, replace: true }, 'shot.1003.dpx', dpxOf(2, 950));
    await page.goto(`/p/${projectId}/deliveries/${requestId}/rounds/1`);
    await page.getByLabel('Compare with').selectOption({ index: 1 });
    // A change by somebody else keeps the choice.
    const { revision } = await asked();
    await callOf(page, 'requests.update', { requestId, revision, name: 'Shots of the night' });
    await expect(page.getByRole('heading', { name: 'Shots of the night' })).toBeVisible();
    await page.getByRole('link', { name: 'Side by side' }).click();
    await expect(page.getByText('frame 1003 of 1005')).toHaveCount(2);
    const greys = () =>
      Promise.all(
        [0, 1].map((at) =>
          page
            .locator('canvas')
            .nth(at)
            .evaluate((canvas: HTMLCanvasElement) => {
              const { width, height } = canvas;
              return canvas.getContext('2d')!.getImageData(width / 2, height / 2, 1, 1).data[0]!;
            }),
        ),
      );
    await expect
      .poll(
        async () => {
          const [before, after] = await greys();
          return before! > 0 && after! > before!;
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    await positionOf(page).press('Home');
    await expect(page.getByText('frame 1001 of 1005')).toHaveCount(2);
    await expectAccessible(page, 'two rounds of a sequence side by side');
  });
});
