// A request type from a published specification, its export, and the comparison of its versions.
import { readFile } from 'node:fs/promises';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject } from './people.ts';

const profile = {
  id: 'house_hd',
  name: 'House HD',
  delivery_paradigm: 'file',
  governance: { spec_version: '5.1', source: 'House book' },
  assets: {
    video: {
      codec: { allowed: ['prores_422_hq'] },
      container: { allowed: ['mxf'] },
      resolution: { allowed: ['1920x1080'] },
      frame_rate: { allowed: ['25'] },
      scan_type: ['interlaced'],
      color: { primaries: ['bt709'] },
    },
    audio: { loudness: { true_peak_max: -1, notes: 'By ear' } },
  },
};

test(
  'creates a type from a specification, exports it, and compares it with its next version',
  { tag: ['@B29'] },
  async ({ browser, page: ownerPage, owner, signIn, expectFaults }) => {
    await signIn(ownerPage, owner);
    const { id: projectId } = await callOf(ownerPage, 'projects.create', { name: 'Specified' });
    const email = 'sol@specified.example';
    const { page } = await joinProject(browser, ownerPage, projectId, 'Sol Lead', email, 'coordinator');
    await page.goto(`/p/${projectId}/types`);
    await page.getByRole('button', { name: 'From a specification' }).click();
    const dialog = page.getByRole('dialog', {
      name: 'A type from a published specification',
    });
    const choose = async (name: string, text: string) => {
      const chooser = page.waitForEvent('filechooser');
      await dialog.getByRole('button', { name: 'Choose a file' }).click();
      await (
        await chooser
      ).setFiles({
        name,
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      });
    };

    await test.step('another file is refused with a sentence', async () => {
      expectFaults(/^400 POST \/api\/trpc\/requestTypes\.readSpecification$/);
      await choose('house.json', '{"id": "house_hd", "delivery_paradigm": "file"}');
      await expect(dialog.getByRole('alert')).toHaveText(
        'A field is missing or has another form than expected: name',
      );
    });

    await test.step('what the hub checks and what is for people', async () => {
      await choose('house_hd.json', JSON.stringify(profile));
      const checked = dialog.getByRole('region', {
        name: 'Checked by the hub',
      });
      await expect(checked).toContainText('ProRes 422 HQ');
      await expect(checked).toContainText('50i');
      await expect(checked).toContainText('-1 dBTP');
      const people = dialog.getByRole('region', { name: 'For people (2)' });
      await expect(people.getByRole('listitem')).toHaveText([
        'assets.video.color.primaries: bt709',
        'assets.audio.loudness.notes: By ear',
      ]);
      await expectAccessible(page, 'a specification');
    });

    await test.step('the editor begins with it', async () => {
      await dialog.getByRole('button', { name: 'Continue in the editor' }).click();
      const editor = page.getByRole('dialog', { name: 'New type' });
      await expect(editor.getByLabel('Name', { exact: true })).toHaveValue('House HD');
      await expect(editor.getByLabel('What it is for')).toHaveValue(/loudness.notes: By ear/);
      await editor.getByRole('button', { name: 'Create' }).click();
      await expect(editor).toBeHidden();
    });

    await test.step('the export is a profile again', async () => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Actions for House HD' }).click();
      await page.getByRole('menuitem', { name: 'Export as UMDP' }).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe('House HD.umdp.json');
      const written = JSON.parse(await readFile(await file.path(), 'utf8'));
      expect(written.id).toBe('house_hd');
      expect(written.assets.video.frame_rate).toEqual({ allowed: ['25'] });
    });

    await test.step('two versions stand line by line', async () => {
      const types = await askOf(page, 'requestTypes.list', { projectId });
      const type = types.find(({ name }: { name: string }) => name === 'House HD');
      const media = { ...type.rules.media, resolutions: ['3840×2160'] };
      const rules = { ...type.rules, media, demandsManifest: true };
      await callOf(page, 'requestTypes.update', {
        typeId: type.id,
        version: 1,
        rules,
      });
      await page.reload();
      await page.getByRole('button', { name: 'Actions for House HD' }).click();
      await page.getByRole('menuitem', { name: 'Compare versions' }).click();
      await expect(page.getByText('Removed: 1 · Added: 2')).toBeVisible();
      await expect(page.getByRole('listitem').filter({ hasText: '1920×1080' })).toContainText('Removed');
      await expect(page.getByRole('listitem').filter({ hasText: '3840×2160' })).toContainText('Added');
      await expectAccessible(page, 'two versions of a type');
      await page.getByLabel('To', { exact: true }).selectOption({ label: 'Version 1' });
      await expect(page.getByText('Both versions ask for the same.')).toBeVisible();
    });
  },
);
