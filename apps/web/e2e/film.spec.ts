// A movie in the player, frame by frame. Its hub makes a proxy with the ffmpeg that `npm test` provides.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload } from './people.ts';

const { TURNOVER_TEST_FFMPEG: folder, TURNOVER_TEST_NEEDS_FFMPEG: isPromised, PATH = '' } = process.env;
const path = folder === undefined ? PATH : `${folder}${delimiter}${PATH}`;
const env = { ...process.env, PATH: path };
const hasFfmpeg = () => spawnSync('ffmpeg', ['-version'], { stdio: 'ignore', env }).status === 0;

function movie(): Buffer {
  const made = mkdtempSync(join(tmpdir(), 'turnover-movie-'));
  const file = join(made, 'film.mov');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=4'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=4', '-timecode', '10:00:00:00'];
  const codecs = ['-c:v', 'mjpeg', '-c:a', 'pcm_s16le'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...sound, ...codecs, file], { env });
  const bytes = readFileSync(file);
  rmSync(made, { recursive: true });
  return bytes;
}

test(
  'steps through a movie frame by frame',
  { tag: ['@C9', '@D2'] },
  async ({ browser, owner, signIn, startOwnHub }) => {
    test.skip(isPromised === undefined && !hasFfmpeg(), 'there is no ffmpeg, and so no proxy');
    const hub = await startOwnHub({ PATH: path });
    const { ownerPage: desk, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Films');
    const { page } = await joinProject(
      browser,
      desk,
      projectId,
      'Lena Lead',
      'lena@film.example',
      'coordinator',
    );
    const { id: requestId } = await callOf(page, 'requests.create', { projectId, name: 'Cut' });
    await upload(page, { projectId, requestId }, 'film.mov', movie());
    const asked = () => askOf(page, 'requests.get', { requestId });
    await expect.poll(async () => (await asked()).possible.submit).toBeNull();
    await callOf(page, 'requests.submit', { requestId });
    await expect.poll(async () => (await asked()).status, { timeout: 120_000 }).toBe('processed');

    await page.goto(`/p/${projectId}/deliveries/${requestId}`);
    await page.getByRole('grid').getByText('film.mov').click();
    await page.getByRole('link', { name: 'Open in the player' }).click();
    const position = page.getByRole('slider', { name: 'Position' });
    await expect(position).toHaveAttribute('aria-valuetext', '10:00:00:00');
    await position.press('ArrowRight');
    await position.press('ArrowRight');
    await expect(position).toHaveAttribute('aria-valuetext', '10:00:00:02');
    await expect(page.getByText('frame 3 of 100')).toBeVisible();
    await expect(page.getByText('Proxy, at most 540 lines')).toBeVisible();
    await expectAccessible(page, 'the player of a movie');

    for (const each of [page, desk]) await each.context().close();
  },
);
