// Owners see the settings in force, where they come from, and no secrets; others do not find the page.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

test('an owner sees the settings and their origin, without secrets', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  expectFaults(/^404 GET \/server\/settings/);
  const hub = await startOwnHub({
    TURNOVER_TRASH_DAYS: '11',
    TURNOVER_SMTP_URL: 'smtp://hub:hush@127.0.0.1:9',
  });
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  await page.goto('/server');
  await page.getByRole('link', { name: 'Settings' }).click();
  const row = (name: string) => page.locator(`[data-row="${name}"]`);
  await expect(row('TURNOVER_TRASH_DAYS')).toContainText('11');
  await expect(row('TURNOVER_TRASH_DAYS')).toContainText('environment');
  await expect(row('TURNOVER_SCRUB_DAYS')).toContainText('default');
  await expect(row('TURNOVER_MAIL_FROM')).toContainText('not set');
  await expect(row('TURNOVER_SMTP_URL')).toContainText('set, not shown');
  expect(await page.content()).not.toContain('hush');
  await expectAccessible(page, 'the settings');

  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const lead = await joinProject(browser, page, projectId, 'Lou Lead', 'lou@set.example', 'coordinator');
  expect((await lead.page.goto('/server/settings'))?.status()).toBe(404);
  for (const each of [lead.page, page]) await each.context().close();
});
