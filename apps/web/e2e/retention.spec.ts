// Retention of a Workspace: the launch date, the warning, and an extension that a coordinator grants.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, uploadEmpty } from './people.ts';

test(
  'requests an extension with a reason, and a coordinator grants it',
  { tag: '@A20' },
  async ({ browser, page: desk, owner, signIn }) => {
    await signIn(desk, owner);
    const id = (await callOf(desk, 'projects.create', { name: 'Kept Light' })).id as string;
    const { page: lead } = await joinProject(
      browser,
      desk,
      id,
      'Kai Lead',
      'kai@kept.example',
      'coordinator',
    );
    const { page } = await joinProject(browser, desk, id, 'Kim Keeper', 'kim@kept.example');
    await uploadEmpty(page, id, 'mix.wav');

    await lead.goto(`/p/${id}/people`);
    await lead.getByRole('button', { name: 'Set launch date' }).click();
    const dialog = lead.getByRole('dialog', { name: 'Launch and retention' });
    await expect(dialog.getByLabel('Days kept after the launch')).toHaveValue('180');
    await dialog.getByLabel(/^Launch date/).fill(dayFromNow(2));
    await dialog.getByLabel('Days kept after the launch').fill('10');
    await expectAccessible(lead, 'launch and retention');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(lead.getByText(/What was never delivered is kept for 10 days after it/)).toBeVisible();

    await page.goto(`/p/${id}/workspace`);
    await expect(page.getByText(/^Kept until/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Ask for more time' }).click();
    const asking = page.getByRole('dialog', { name: 'Ask for more time' });
    await asking.getByLabel('Reason').fill('The conform takes a week longer.');
    await expectAccessible(page, 'asking for more time');
    await asking.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(page.getByText('You asked for more time.').first()).toBeVisible();

    const row = lead.getByRole('row').filter({ hasText: 'The conform takes a week longer.' });
    await expect(row).toContainText('Kim Keeper');
    await row.getByRole('button', { name: /Grant/ }).click();
    const grant = lead.getByRole('dialog', { name: 'More time for Kim Keeper' });
    await grant.getByLabel(/^Kept until/).fill(dayFromNow(60));
    await expectAccessible(lead, 'granting more time');
    await grant.getByRole('button', { name: 'Grant' }).click();
    await expect(lead.getByText('Kim Keeper has more time')).toBeVisible();
    await expect(page.getByText(/Kai Lead granted more time\./).first()).toBeVisible();
    for (const each of [lead, page]) await each.context().close();
  },
);

function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
